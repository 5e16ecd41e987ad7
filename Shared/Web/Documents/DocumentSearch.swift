public import Contracts

/// What somebody looks for among the documents of a record.
public struct DocumentSearch: Sendable {
    public var text = ""
    public var type = ""
    public var source = ""
    public var from = ""
    public var until = ""

    public init() {}

    public init(typed: FormData) {
        text = String(typed.trimmed("text").prefix(100))
        (type, source, from, until) = (typed.trimmed("type"), typed.trimmed("source"), typed.trimmed("from"), typed.trimmed("until"))
    }

    public func query(of patient: ID<Patient>) -> ReadDocuments {
        ReadDocuments(
            patient: patient, text: text.isEmpty ? nil : text, type: type.isEmpty ? nil : type, source: EntrySource(rawValue: source),
            from: from.isEmpty ? nil : from, until: until.isEmpty ? nil : until)
    }

    /// - Parameters:
    ///   - path: takes a POST: what people look for stays out of addresses and logs.
    ///   - isOwn: the reader is the patient.
    public func html(to path: String, isOwn: Bool, in frame: Frame) -> HTML {
        let t = frame.t
        let types = [(value: "", label: t("document.any"))] + DocumentTypes.offered.map { (value: $0.code, label: t.documentType($0.code)) }
        let sources: [(value: String, label: HTML)] = [
            ("", t("document.any")), ("patient", isOwn ? t("document.from-you") : t("document.from-patient")),
            ("clinic", t("document.from-clinic")), ("imported", t("document.from-elsewhere")),
        ]
        func date(_ name: String, _ label: HTML, _ value: String) -> Field {
            Field(name, label, value: value, autocomplete: "off", width: .short, maximumLength: 30)
        }
        return Form(
            to: path, formKey: frame.formKey, style: "toolbar",
            """
            \(Field("text", t("document.search-title"), .search, value: text, autocomplete: "off", width: .middle, maximumLength: 100))\
            \(Select("type", t("document.type"), types, chosen: type))\(Select("source", t("document.search-from"), sources, chosen: source))\
            \(date("from", t("document.search-since"), from))\(date("until", t("document.search-until"), until))\
            <button class="btn btn-plain">\(t("document.search"))</button>
            """
        ).html
    }
}
