/// A Practitioner by name. Specialties are with the PractitionerRole.
public struct PractitionerEntry: Codable, Sendable, Equatable {
    public var id: String
    /// `Dr. Ngozi Okafor, MD`
    public var name: String
    public var family: String
    public var given: String
    public var isActive: Bool

    public init(_ practitioner: JSONNode) {
        id = practitioner.resourceID
        let names = practitioner.list("name")
        let name = names.first { $0.string("use") == "official" || $0.string("use") == "usual" } ?? names.first
        family = name?.string("family") ?? ""
        given = name?.texts("given").joined(separator: " ") ?? ""
        let parts = (name?.texts("prefix") ?? []) + [given, family].filter { !$0.isEmpty }
        let suffix = name?.texts("suffix") ?? []
        let joined = ([parts.joined(separator: " ")] + suffix).filter { !$0.isEmpty }.joined(separator: ", ")
        self.name = given.isEmpty && family.isEmpty ? name?.string("text") ?? "" : joined
        isActive = practitioner["active"]?.bool ?? true
    }
}

/// What a Practitioner does for an Organization.
public struct PractitionerRoleEntry: Codable, Sendable, Equatable {
    public var id: String
    public var practitioner: String?
    public var organization: String?
    public var locations: [String]
    public var role: String?
    public var specialty: String?
    public var isActive: Bool

    public init(_ role: JSONNode) {
        id = role.resourceID
        practitioner = role.reference("practitioner")
        organization = role.reference("organization")
        locations = role.list("location").compactMap { $0.string("reference") }
        self.role = role.list("code").lazy.compactMap(\.display).first
        specialty = role.list("specialty").lazy.compactMap(\.display).first
        isActive = role["active"]?.bool ?? true
    }
}

/// A Location or Organization: where it is, how to reach it.
public struct PlaceEntry: Codable, Sendable, Equatable {
    public var id: String
    public var name: String
    /// Lines, city, state and postal code with commas between.
    public var address: String?
    /// As written.
    public var phone: String?
    public var email: String?
    /// IANA name, from the extension `timezone`.
    public var zone: String?
    public var isActive: Bool

    public init(_ place: JSONNode) {
        id = place.resourceID
        name = place.string("name") ?? ""
        address = place.list("address").lazy.map(\.addressText).first { !$0.isEmpty }
        let telecom = place.list("telecom")
        phone = telecom.first { $0.string("system") == "phone" }?.string("value")
        email = telecom.first { $0.string("system") == "email" }?.string("value")
        zone =
            place.list("extension").lazy.filter { $0.string("url") == "http://hl7.org/fhir/StructureDefinition/timezone" }
            .compactMap { $0.string("valueCode") }.first
        isActive = place["active"]?.bool ?? (place.string("status") ?? "active" == "active")
    }
}
