/// Who takes care of a patient.
public struct CareTeamEntry: Sendable, Equatable {
    /// In force: a proposed, suspended or inactive team treats nobody.
    public var isActive: Bool
    /// FHIR dateTimes.
    public var start: String?
    public var end: String?
    /// References to practitioners, as written.
    public var members: [String]

    public init(_ team: JSONNode) {
        isActive = team.string("status") ?? "active" == "active"
        start = team["period"]?.string("start")
        end = team["period"]?.string("end")
        members = team.list("participant").compactMap { $0.reference("member") }
    }
}
