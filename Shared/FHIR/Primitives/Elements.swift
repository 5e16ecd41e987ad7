/// Short ways to what resources hold. All are lenient: what is not there, or is of another kind, is nil or empty.
extension JSONNode {
    /// The values of an array member; a single object counts as an array of one.
    package func list(_ name: String) -> [JSONNode] {
        guard let value = self[name] else { return [] }
        return value.isArray ? Array(value.elements) : value.isObject ? [value] : []
    }

    package func string(_ name: String) -> String? {
        guard let text = self[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The text of a member `Reference`: `Patient/12`.
    package func reference(_ name: String) -> String? { self[name]?.string("reference") }

    /// The first member there is.
    package func first(of names: [String]) -> JSONNode? {
        for name in names { if let value = self[name] { return value } }
        return nil
    }

    /// Of a `CodeableConcept`: its text, else a coding's display, else a code.
    package var display: String? {
        if let text = string("text") { return text }
        let codings = list("coding")
        return codings.lazy.compactMap { $0.string("display") }.first ?? codings.lazy.compactMap { $0.string("code") }.first
    }

    /// Of a `CodeableConcept`: the coding its sender chose, else the first with a code.
    package var primaryCoding: JSONNode? {
        let codings = list("coding").filter { $0.string("code") != nil }
        return codings.first { $0["userSelected"]?.bool == true } ?? codings.first
    }

    /// Of a `CodeableConcept`: the primary coding's code.
    package var code: String? { primaryCoding?.string("code") }

    /// Of a resource: the first of its notes.
    package var noteText: String? { list("note").lazy.compactMap { $0.string("text") }.first }

    /// The extensions by their urls; the first of each.
    package var extensions: [String: JSONNode] {
        Dictionary(list("extension").map { ($0.string("url") ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Of a resource: its id.
    package var resourceID: String { string("id") ?? "" }

    /// The texts of an array of strings.
    package func texts(_ name: String) -> [String] {
        self[name].map { value in value.elements.compactMap { $0.text } } ?? []
    }

    /// Of an `Address`: lines, city, state, postal code and country with commas between, else its text.
    package var addressText: String {
        let parts = texts("line") + ["city", "state", "postalCode", "country"].compactMap { string($0) }
        return parts.isEmpty ? string("text") ?? "" : parts.joined(separator: ", ")
    }

    /// The time in an element with a choice of types, as sent: `onsetDateTime`, the start of `onsetPeriod`, an age, a range of ages or
    /// plain words.
    package func timeText(_ name: String) -> String? {
        if let text = string(name + "DateTime") ?? string(name + "Instant") ?? string(name + "String") { return text }
        if let period = self[name + "Period"] { return period.string("start") ?? period.string("end") }
        if let timing = self[name + "Timing"] { return timing.texts("event").first }
        func age(_ node: JSONNode?) -> String? {
            guard let node, let value = node["value"]?.literal else { return nil }
            return [value, node.string("unit")].compactMap(\.self).joined(separator: " ")
        }
        if let one = age(self[name + "Age"]) { return one }
        let ends = [age(self[name + "Range"]?["low"]), age(self[name + "Range"]?["high"])].compactMap(\.self)
        return ends.isEmpty ? nil : ends.joined(separator: "–")
    }
}
