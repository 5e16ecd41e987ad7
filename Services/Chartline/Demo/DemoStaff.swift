/// The clinic's organization, places and people.
struct DemoStaff {
    struct Person {
        var label: String
        var prefix: String?
        var given: String
        var family: String
        var suffix: String
        var gender: String
        var specialty: DemoCode
        /// Index of the place.
        var place = 0
    }

    struct Place {
        var label: String
        var name: String
        var line: String
        var city: String
        var state: String
        var postalCode: String
        var phone: String
        var zone: String
    }

    let seed: UInt64

    let name = "Riverside Family Clinic"

    let places = [
        Place(
            label: "mill-street", name: "Riverside Family Clinic, Mill Street", line: "18 Mill Street", city: "Chicago", state: "IL",
            postalCode: "60608", phone: "+1 312 555 0142", zone: "America/Chicago"),
        Place(
            label: "harbor-road", name: "Riverside Family Clinic, Harbor Road", line: "77 Harbor Road", city: "St. Joseph", state: "MI",
            postalCode: "49085", phone: "+1 269 555 0143", zone: "America/Detroit"),
    ]

    let clinicians = [
        Person(label: "okafor", prefix: "Dr.", given: "Ngozi", family: "Okafor", suffix: "MD", gender: "female", specialty: familyMedicine),
        Person(label: "lindqvist", prefix: "Dr.", given: "Astrid", family: "Lindqvist", suffix: "MD", gender: "female", specialty: womensHealth),
        Person(label: "raman", given: "Priya", family: "Raman", suffix: "NP", gender: "female", specialty: familyMedicine),
        Person(label: "weiss", prefix: "Dr.", given: "Daniel", family: "Weiss", suffix: "MD", gender: "male", specialty: internalMedicine),
        Person(label: "reyes", given: "Carmen", family: "Reyes", suffix: "PA-C", gender: "female", specialty: familyMedicine),
        Person(label: "tanaka", prefix: "Dr.", given: "Mei", family: "Tanaka", suffix: "MD", gender: "female", specialty: pediatrics),
        Person(label: "ortiz-vega", prefix: "Dr.", given: "Samuel", family: "Ortiz-Vega", suffix: "MD", gender: "male", specialty: cardiology),
        Person(label: "kowalski", prefix: "Dr.", given: "Tomasz", family: "Kowalski", suffix: "MD", gender: "male", specialty: endocrinology),
        Person(label: "haddad", prefix: "Dr.", given: "Leila", family: "Haddad", suffix: "PsyD", gender: "female", specialty: psychology),
        Person(label: "byrne", given: "Hannah", family: "Byrne", suffix: "RN", gender: "female", specialty: familyMedicine),
        Person(
            label: "pena", prefix: "Dr.", given: "José", family: "Peña", suffix: "MD", gender: "male", specialty: familyMedicine, place: 1),
        Person(label: "sorensen", given: "Eva", family: "Sørensen", suffix: "NP", gender: "female", specialty: internalMedicine, place: 1),
    ]

    private static let familyMedicine = DemoCode.snomed("419772000", "Family medicine")
    private static let internalMedicine = DemoCode.snomed("419192003", "Internal medicine")
    private static let pediatrics = DemoCode.snomed("394537008", "Pediatrics")
    private static let cardiology = DemoCode.snomed("394579002", "Cardiology")
    private static let endocrinology = DemoCode.snomed("394583002", "Endocrinology")
    private static let womensHealth = DemoCode.snomed("394586005", "Gynecology")
    private static let psychology = DemoCode.snomed("722162001", "Psychology")

    init(seed: UInt64) { self.seed = seed }

    var organization: String { DemoRandom.url(seed: seed, "organization") }
    func url(of person: Person) -> String { DemoRandom.url(seed: seed, "practitioner/" + person.label) }
    func url(of place: Place) -> String { DemoRandom.url(seed: seed, "location/" + place.label) }

    /// Dr. Tanaka sees children; the rest of family medicine shares the others.
    func clinician(age: Int, number: Int) -> Person {
        if age < 16, let pediatrician = clinicians.first(where: { $0.label == "tanaka" }) { return pediatrician }
        let doctors = clinicians.filter { ["okafor", "weiss", "raman", "reyes", "pena"].contains($0.label) }
        return doctors.isEmpty ? clinicians[0] : doctors[number % doctors.count]
    }

    /// Nurses look after everybody whose doctor works where they do.
    func nurses(at place: Int) -> [Person] { clinicians.filter { $0.suffix == "RN" && $0.place == place } }

    static func displayName(_ person: Person) -> String {
        [person.prefix, person.given, person.family].compactMap(\.self).joined(separator: " ")
    }

    func bundle() -> DemoBundle {
        var bundle = DemoBundle(seed: seed)
        addOrganization(to: &bundle)
        for place in places { add(place, to: &bundle) }
        for person in clinicians {
            add(person, to: &bundle)
            let place = places[min(person.place, places.count - 1)]
            bundle.add(
                "PractitionerRole", "role/" + person.label,
                [
                    "active": .flag(true), "practitioner": .reference(url(of: person), Self.displayName(person)),
                    "organization": .reference(organization, name), "specialty": [person.specialty.concept],
                    "location": [.reference(url(of: place), place.name)],
                ])
        }
        return bundle
    }

    /// The same resource in every bundle that refers to it, so that each bundle stands alone.
    func addOrganization(to bundle: inout DemoBundle) {
        bundle.add(
            "Organization", "organization",
            [
                "identifier": [["system": "https://riverside.example.org/organization", "value": "riverside"]], "active": .flag(true),
                "type": [DemoCode.hl7("organization-type", "prov", "Healthcare Provider")], "name": .text(name),
                "telecom": [["system": "phone", "value": "+1 312 555 0142", "use": "work"]],
                "address": [["line": ["18 Mill Street"], "city": "Chicago", "state": "IL", "postalCode": "60608", "country": "US"]],
            ])
    }

    func add(_ place: Place, to bundle: inout DemoBundle) {
        bundle.add(
            "Location", "location/" + place.label,
            [
                "extension": [["url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": .text(place.zone)]],
                "identifier": [["system": "https://riverside.example.org/location", "value": .text(place.label)]], "status": "active",
                "name": .text(place.name), "mode": "instance", "telecom": [["system": "phone", "value": .text(place.phone), "use": "work"]],
                "address": [
                    "line": [.text(place.line)], "city": .text(place.city), "state": .text(place.state), "postalCode": .text(place.postalCode),
                    "country": "US",
                ],
                "managingOrganization": .reference(organization, name),
            ])
    }

    func add(_ person: Person, to bundle: inout DemoBundle) {
        bundle.add(
            "Practitioner", "practitioner/" + person.label,
            [
                "identifier": [["system": "https://riverside.example.org/staff", "value": .text(person.label)]], "active": .flag(true),
                "name": [
                    [
                        "use": "official", "family": .text(person.family), "given": [.text(person.given)],
                        "prefix": person.prefix.map { [.text($0)] } ?? .absent, "suffix": [.text(person.suffix)],
                    ]
                ],
                "telecom": [["system": "email", "value": .text("\(person.label)@clinic.example.org"), "use": "work"]],
                "gender": .text(person.gender),
            ])
    }
}
