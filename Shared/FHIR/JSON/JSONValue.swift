/// JSON that is being written. Members keep their order; those without a value are left out, so that a resource does not speak of what it has
/// nothing to say about.
///
///     let concept: JSONValue = ["coding": [["system": "http://loinc.org", "code": "8480-6"]], "text": .optional(text)]
public enum JSONValue: Sendable, Equatable {
    case object([Member])
    case array([JSONValue])
    case string(String)
    /// Digits as they are to be written.
    case number(String)
    case bool(Bool)
    /// Left out where it is a member or an element.
    case missing

    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: JSONValue
    }

    public static func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .missing }

    /// A `Reference` to `<type>/<id>`; missing where there is nothing to refer to.
    public static func reference(_ type: String, _ id: (some CustomStringConvertible)?) -> JSONValue {
        id.map { ["reference": .string("\(type)/\($0)")] } ?? .missing
    }

    /// A `CodeableConcept` of at most one coding: none where there is no code.
    public static func concept(system: String?, code: String?, display: String? = nil, text: String? = nil) -> JSONValue {
        let coding: JSONValue = code.map { [["system": .optional(system), "code": .string($0), "display": .optional(display)]] } ?? .missing
        return ["coding": coding, "text": .optional(text)]
    }

    /// A value that was read, to be written again with some of its members changed. Numbers keep their digits.
    public init(_ node: JSONNode) {
        switch node.kind {
        case .object: self = .object(node.members.map { Member(name: $0.name, value: JSONValue($0.value)) })
        case .array: self = .array(node.elements.map(JSONValue.init))
        case .string: self = .string(node.text ?? "")
        case .number: self = .number(node.literal ?? "0")
        case .bool: self = .bool(node.bool ?? false)
        case .null: self = .missing
        }
    }

    /// A member of an object; setting it keeps its place, or puts it last.
    public subscript(_ name: String) -> JSONValue {
        get {
            guard case .object(let members) = self else { return .missing }
            return members.first { $0.name == name }?.value ?? .missing
        }
        set {
            guard case .object(var members) = self else { return }
            if let place = members.firstIndex(where: { $0.name == name }) {
                members[place].value = newValue
            } else {
                members.append(Member(name: name, value: newValue))
            }
            self = .object(members)
        }
    }

    /// UTF-8.
    public var bytes: [UInt8] {
        var out: [UInt8] = []
        write(to: &out)
        return out
    }

    private func write(to out: inout [UInt8]) {
        switch self {
        case .object(let members):
            Self.list(members.filter { $0.value.isThere }, "{", "}", to: &out) { member, out in
                JSONText.append(member.name, to: &out)
                out.append(UInt8(ascii: ":"))
                member.value.write(to: &out)
            }
        case .array(let values): Self.list(values.filter(\.isThere), "[", "]", to: &out) { value, out in value.write(to: &out) }
        case .string(let text): JSONText.append(text, to: &out)
        case .number(let digits): out += digits.utf8
        case .bool(let value): out += (value ? "true" : "false").utf8
        case .missing: out += "null".utf8
        }
    }

    private static func list<Item>(
        _ items: [Item], _ opening: Unicode.Scalar, _ closing: Unicode.Scalar, to out: inout [UInt8], _ write: (Item, inout [UInt8]) -> Void
    ) {
        out.append(UInt8(ascii: opening))
        for (place, item) in items.enumerated() {
            if place > 0 { out.append(UInt8(ascii: ",")) }
            write(item, &out)
        }
        out.append(UInt8(ascii: closing))
    }

    /// FHIR has neither empty objects nor empty arrays.
    private var isThere: Bool {
        switch self {
        case .missing: false
        case .object(let members): members.contains { $0.value.isThere }
        case .array(let values): values.contains(where: \.isThere)
        default: true
        }
    }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral {
    public init(dictionaryLiteral members: (String, JSONValue)...) { self = .object(members.map { Member(name: $0.0, value: $0.1) }) }
    public init(arrayLiteral values: JSONValue...) { self = .array(values) }
    public init(stringLiteral text: String) { self = .string(text) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
