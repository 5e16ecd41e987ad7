/// A DiagnosticReport as a list shows it.
public struct ReportEntry: Codable, Sendable, Equatable {
    public var id: String
    public var display: String
    public var code: String?
    public var category: [String]
    /// registered, partial, preliminary, final, amended, corrected, appended, cancelled, entered-in-error, unknown
    public var status: String?
    /// FHIR dateTime.
    public var effective: String?
    public var issued: String?
    public var conclusion: String?
    /// References of its results, in order.
    public var results: [String]

    public init(_ report: JSONNode) {
        id = report.resourceID
        display = report["code"]?.display ?? ""
        code = report["code"]?.code
        category = report.list("category").compactMap(\.code)
        status = report.string("status")
        effective = report.timeText("effective")
        issued = report.string("issued")
        conclusion = report.string("conclusion")
        results = report.list("result").compactMap { $0.string("reference") }
    }

    public var isRetracted: Bool { status == "entered-in-error" }
}
