import Contracts
import Foundation
import Web

/// Results as they are typed: the fields of the first end in `-0`; a correction's have no number.
struct ResultForm: Sendable {
    static let rows = 0..<4
    private static let parts = ["value", "unit", "low", "high", "interpretation"]
    private(set) var fields: [String: String]

    /// Empty, with what was ordered.
    init(today: Day, answering order: OrderLine?) {
        fields = ["collected": today.iso, "status": "final", "name-0": order?.what.text ?? ""]
        if order?.what.system == "http://loinc.org" { fields["code-0"] = order?.what.code }
    }

    /// As it is, to be corrected.
    init(_ reading: ResultReading?, status: String) {
        fields = ["status": status]
        fields["value"] = reading?.value
        fields["unit"] = reading?.unit
        fields["low"] = reading?.low
        fields["high"] = reading?.high
    }

    init(typed form: FormData) {
        let names = ["collected", "status"] + Self.parts + Self.rows.flatMap { row in (["name", "code"] + Self.parts).map { "\($0)-\(row)" } }
        fields = Dictionary(uniqueKeysWithValues: names.map { ($0, form.trimmed($0)) })
    }

    subscript(_ name: String) -> String { fields[name] ?? "" }
    private func optional(_ name: String) -> String? { self[name].isEmpty ? nil : self[name] }

    /// - Parameter end: of the fields' names.
    func reading(_ end: String = "") -> ResultReading {
        ResultReading(
            self["value\(end)"], unit: optional("unit\(end)"), low: optional("low\(end)"), high: optional("high\(end)"),
            interpretation: optional("interpretation\(end)"))
    }

    /// The rows something was typed in, in their places up to the last.
    func results(_ key: UUID) -> [EnteredResult] {
        let used = Self.rows.filter { row in (["name"] + Self.parts).contains { !self["\($0)-\(row)"].isEmpty } }
        guard let last = used.last else { return [] }
        return (0...last).map { row in
            let code = optional("code-\(row)")
            // The same form sent twice is the same results.
            var id = key.uuid
            id.15 ^= UInt8(row + 1)
            return EnteredResult(
                result: ID(UUID(uuid: id)), name: CodedText(self["name-\(row)"], system: code == nil ? nil : "http://loinc.org", code: code),
                reading: reading("-\(row)"))
        }
    }

    func controls(_ end: String, _ errors: [FieldError], _ t: Wording) -> HTML {
        func field(_ name: String, _ label: HTML, _ hint: HTML? = nil) -> HTML {
            Field("\(name)\(end)", label, hint: hint, value: self["\(name)\(end)"], autocomplete: "off", width: .short).marked(errors, t).html
        }
        let judgements: [(value: String, label: HTML)] = [
            ("", t("result.by-range")), ("N", t("result.usual")), ("L", t("result.low")), ("H", t("result.high")), ("LL", t("result.very-low")),
            ("HH", t("result.very-high")), ("A", t("result.abnormal")), ("AA", t("result.critical")), ("NEG", t("result.negative")),
            ("POS", t("result.positive")),
        ]
        return """
            <div class="cluster">\(field("value", t("chart.value"), t("result.value-hint")))\
            \(field("unit", t("result.unit"), "<span translate=\"no\">mg/dL, mmol/L, %</span>"))</div>\
            <div class="cluster">\(field("low", t("result.range-low")))\(field("high", t("result.range-high")))\
            \(Select("interpretation\(end)", t("chart.flag"), judgements, chosen: self["interpretation\(end)"]).marked(errors, t))</div>
            """
    }
}
