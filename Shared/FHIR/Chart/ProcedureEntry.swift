/// A Procedure as a list shows it.
public struct ProcedureEntry: Codable, Sendable, Equatable {
    public var id: String
    public var display: String
    public var code: String?
    /// preparation, in-progress, not-done, on-hold, stopped, completed, entered-in-error, unknown
    public var status: String?
    /// FHIR dateTime, or what was said instead.
    public var performed: String?
    public var reason: String?

    public init(_ procedure: JSONNode) {
        id = procedure.resourceID
        display = procedure["code"]?.display ?? ""
        code = procedure["code"]?.code
        status = procedure.string("status")
        performed = procedure.timeText("performed")
        reason =
            procedure.list("reasonCode").lazy.compactMap(\.display).first
            ?? procedure.list("reasonReference").lazy.compactMap { $0.string("display") }.first
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
