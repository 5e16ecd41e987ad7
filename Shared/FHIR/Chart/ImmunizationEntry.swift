/// An Immunization as a list shows it.
public struct ImmunizationEntry: Codable, Sendable, Equatable {
    public var id: String
    public var vaccine: String
    public var code: String?
    /// completed, not-done, entered-in-error
    public var status: String?
    /// FHIR dateTime, or what was said instead.
    public var date: String?
    public var lotNumber: String?

    public init(_ immunization: JSONNode) {
        id = immunization.resourceID
        vaccine = immunization["vaccineCode"]?.display ?? ""
        code = immunization["vaccineCode"]?.code
        status = immunization.string("status")
        date = immunization.timeText("occurrence") ?? immunization.string("date")
        lotNumber = immunization.string("lotNumber")
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
