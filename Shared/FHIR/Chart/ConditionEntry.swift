/// A Condition as a list shows it: a problem, a diagnosis, a health concern.
public struct ConditionEntry: Codable, Sendable, Equatable {
    public var id: String
    public var display: String
    public var code: String?
    /// active, recurrence, relapse, inactive, remission, resolved
    public var clinicalStatus: String?
    /// unconfirmed, provisional, differential, confirmed, refuted, entered-in-error
    public var verificationStatus: String?
    /// Codes: problem-list-item, encounter-diagnosis…
    public var category: [String]
    /// FHIR dateTime, or what was said instead: `42 years`, `in childhood`.
    public var onset: String?
    public var abatement: String?
    /// FHIR dateTime.
    public var recorded: String?

    /// Clinical statuses of what somebody has now.
    public static let activeStatuses: Set = ["active", "recurrence", "relapse"]

    public init(_ condition: JSONNode) {
        id = condition.resourceID
        display = condition["code"]?.display ?? ""
        code = condition["code"]?.code
        clinicalStatus = condition["clinicalStatus"]?.code ?? condition.string("clinicalStatus")
        verificationStatus = condition["verificationStatus"]?.code ?? condition.string("verificationStatus")
        category = condition.list("category").compactMap(\.code)
        onset = condition.timeText("onset")
        abatement = condition.timeText("abatement")
        recorded = condition.string("recordedDate")
    }

    /// Entered in error or refuted: leaves every list, stays in history.
    public var isRetracted: Bool { verificationStatus == "entered-in-error" || verificationStatus == "refuted" }
}
