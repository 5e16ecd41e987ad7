/// An Encounter as a list shows it.
public struct EncounterEntry: Codable, Sendable, Equatable {
    public var id: String
    /// What kind of visit: its type, else its class.
    public var display: String
    /// Code: AMB, EMER, IMP, VR…
    public var classCode: String?
    /// planned, arrived, triaged, in-progress, onleave, finished, cancelled, entered-in-error, unknown
    public var status: String?
    /// FHIR dateTime.
    public var start: String?
    public var end: String?
    public var reason: String?
    /// As named in the encounter; nil if only a reference was sent.
    public var practitioner: String?
    public var practitionerReference: String?
    public var location: String?
    public var locationReference: String?

    public init(_ encounter: JSONNode) {
        id = encounter.resourceID
        let kind = encounter["class"]
        display = encounter.list("type").lazy.compactMap(\.display).first ?? kind?.string("display") ?? kind?.string("code") ?? ""
        classCode = kind?.string("code")
        status = encounter.string("status")
        start = encounter["period"]?.string("start")
        end = encounter["period"]?.string("end")
        reason =
            encounter.list("reasonCode").lazy.compactMap(\.display).first
            ?? encounter.list("reasonReference").lazy.compactMap { $0.string("display") }.first
        let people = encounter.list("participant").compactMap { $0["individual"] }
        practitioner = people.lazy.compactMap { $0.string("display") }.first
        practitionerReference = people.lazy.compactMap { $0.string("reference") }.first
        let places = encounter.list("location").compactMap { $0["location"] }
        location = places.lazy.compactMap { $0.string("display") }.first ?? encounter["serviceProvider"]?.string("display")
        locationReference = places.lazy.compactMap { $0.string("reference") }.first
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
