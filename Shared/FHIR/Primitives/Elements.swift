/// Short ways to what resources hold. All are lenient: what is not there, or is of another kind, is nil or empty.
extension JSONNode {
    /// The values of an array member; a single object counts as an array of one.
    func list(_ name: String) -> [JSONNode] {
        guard let value = self[name] else { return [] }
        return value.isArray ? Array(value.elements) : value.isObject ? [value] : []
    }

    func string(_ name: String) -> String? {
        guard let text = self[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The text of a member `Reference`: `Patient/12`.
    func reference(_ name: String) -> String? { self[name]?.string("reference") }

    /// The first member there is.
    func first(of names: [String]) -> JSONNode? {
        for name in names { if let value = self[name] { return value } }
        return nil
    }

    /// Of a `CodeableConcept`: its text, else a coding's display, else a code.
    var display: String? {
        if let text = string("text") { return text }
        let codings = list("coding")
        return codings.lazy.compactMap { $0.string("display") }.first ?? codings.lazy.compactMap { $0.string("code") }.first
    }

    /// Of a `CodeableConcept`: the coding its sender chose, else the first with a code.
    var primaryCoding: JSONNode? {
        let codings = list("coding").filter { $0.string("code") != nil }
        return codings.first { $0["userSelected"]?.bool == true } ?? codings.first
    }

    /// Of a `CodeableConcept`: the primary coding's code.
    var code: String? { primaryCoding?.string("code") }

    /// Of a resource: its id.
    var resourceID: String { string("id") ?? "" }
}
