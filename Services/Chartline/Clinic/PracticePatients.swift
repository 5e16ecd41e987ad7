internal import Contracts
internal import Foundation
internal import MessageBus

/// Patients who are no people, one for each role that has something to try on one, as FHIR R4 that is imported like any other file. The bytes never
/// change: importing them again changes nothing, whatever was practised meanwhile.
enum PracticePatients {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    private struct Person {
        /// `Access.Role` raw value.
        var role: String
        var given: String
        var gender: String
        var birthDate: String
    }

    private static let people = [
        Person(role: "clinician", given: "Clara", gender: "female", birthDate: "1968-04-02"),
        Person(role: "nurse", given: "Nora", gender: "female", birthDate: "1975-09-17"),
        Person(role: "front-desk", given: "Frank", gender: "male", birthDate: "1982-01-30"),
        Person(role: "administrator", given: "Ada", gender: "female", birthDate: "1959-12-11"),
    ]

    static var bundles: [String] { people.map { bundle($0).text } }

    /// Makes those that are not there.
    static func make(on bus: RabbitBus) async throws {
        for bundle in bundles {
            guard case .failure(let bad) = await FileImport(path: "practice patient", bus: bus).run(Data(bundle.utf8)) else { continue }
            throw Problem(description: bad.lines.joined(separator: "; "))
        }
    }

    private static func bundle(_ person: Person) -> DemoBundle {
        var bundle = DemoBundle(seed: 0)
        let reason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
        let patient = bundle.add(
            "Patient", "practice/\(person.role)",
            [
                "meta": ["tag": [["system": .text(reason), "code": "HTEST", "display": "test health data"]]],
                "identifier": [
                    [
                        "type": DemoCode.hl7("v2-0203", "MR"), "system": "urn:chartline:practice",
                        "value": .text("PRACTICE-\(person.role.uppercased())"),
                    ]
                ],
                "name": [["use": "official", "family": "Practice", "given": [.text(person.given)]]],
                "gender": .text(person.gender), "birthDate": .text(person.birthDate),
                "telecom": [["system": "phone", "value": "+1 312 555 0100"]],
            ])
        addConsent(of: patient, person.role, to: &bundle)
        addRecord(of: patient, person.role, to: &bundle)
        return bundle
    }

    /// Nobody treats them, and everybody who works with charts may open theirs.
    private static func addConsent(of patient: String, _ role: String, to bundle: inout DemoBundle) {
        bundle.add(
            "Consent", "practice/\(role)/consent",
            [
                "status": "active", "scope": DemoCode.hl7("consentscope", "patient-privacy"),
                "category": [["coding": [["system": "http://loinc.org", "code": "59284-0"]]]], "patient": .reference(patient),
                "dateTime": "2026-01-02", "policyRule": DemoCode.hl7("v3-ActCode", "OPTIN"), "provision": ["type": "permit"],
            ])
    }

    private static func addRecord(of patient: String, _ role: String, to bundle: inout DemoBundle) {
        bundle.add(
            "Condition", "practice/\(role)/condition",
            [
                "clinicalStatus": DemoCode.hl7("condition-clinical", "active"), "code": DemoCode.snomed("38341003", "Hypertension").concept,
                "subject": .reference(patient), "onsetDateTime": "2019-05-06",
            ])
        bundle.add(
            "AllergyIntolerance", "practice/\(role)/allergy",
            [
                "clinicalStatus": DemoCode.hl7("allergyintolerance-clinical", "active"), "criticality": "high",
                "code": DemoCode.snomed("91936005", "Allergy to penicillin").concept, "patient": .reference(patient),
            ])
        bundle.add(
            "MedicationRequest", "practice/\(role)/medicine",
            [
                "status": "active", "intent": "order", "medicationCodeableConcept": DemoCode.rxnorm("314076", "lisinopril 10 MG Oral Tablet").concept,
                "subject": .reference(patient), "authoredOn": "2026-01-02",
            ])
    }
}
