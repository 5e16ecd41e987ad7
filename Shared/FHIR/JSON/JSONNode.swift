/// One value of a `JSONDocument`.
public struct JSONNode: Sendable {
    public enum Kind: Sendable { case object, array, string, number, bool, null }

    public let document: JSONDocument
    let index: Int

    private var cell: JSONDocument.Cell { document.cells[index] }

    public var kind: Kind {
        switch cell.kind {
        case .object: .object
        case .array: .array
        case .string, .name: .string
        case .number: .number
        case .bool: .bool
        case .null: .null
        }
    }

    public var isObject: Bool { cell.kind == .object }
    public var isArray: Bool { cell.kind == .array }

    /// Where the value stands in `document.bytes`.
    public var byteRange: Range<Int> { Int(cell.start)..<Int(cell.end) }

    /// The value exactly as it was sent, white space and all.
    public var source: ArraySlice<UInt8> { document.bytes[byteRange] }

    public var line: Int { document.line(of: Int(cell.start)) }

    /// A string's text; nil for every other kind.
    public var text: String? {
        cell.kind == .string ? JSONText.decoded(document.bytes, cell) : nil
    }

    /// A number's digits as they were sent: `1.0E3`, `5.40`, `-0`.
    public var literal: String? {
        cell.kind == .number ? String(decoding: source, as: UTF8.self) : nil
    }

    /// A number for plots and comparisons, never to be shown; nil if it is beyond what a Double holds.
    public var number: Double? {
        guard let literal, let number = Double(literal), number.isFinite else { return nil }
        return number
    }

    public var bool: Bool? {
        cell.kind == .bool ? document.bytes[Int(cell.start)] == UInt8(ascii: "t") : nil
    }

    /// The member of an object; nil if there is none or this is no object.
    public subscript(name: String) -> JSONNode? {
        guard cell.kind == .object else { return nil }
        let hash = NameHash.of(name.utf8)
        let end = Int(cell.next)
        var at = index + 1
        while at + 1 < end {
            let key = document.cells[at]
            if key.next == hash, JSONText.decoded(document.bytes, key) == name { return JSONNode(document: document, index: at + 1) }
            at = Int(document.cells[at + 1].next)
        }
        return nil
    }

    /// The values of an array in order; none if this is no array.
    public var elements: Elements { Elements(node: self) }

    /// The members of an object in order; none if this is no object.
    public var members: Members { Members(node: self) }

    /// The members with their names as they were written, quotes and escapes included.
    var rawMembers: some Sequence<(name: ArraySlice<UInt8>, value: JSONNode)> {
        sequence(state: cell.kind == .object ? index + 1 : Int(cell.next)) { [document, end = Int(cell.next)] at in
            guard at + 1 < end else { return nil }
            let name = document.cells[at]
            let value = JSONNode(document: document, index: at + 1)
            at = Int(document.cells[at + 1].next)
            return (document.bytes[Int(name.start)..<Int(name.end)], value)
        }
    }

    public struct Elements: Sequence, Sendable {
        let node: JSONNode

        public func makeIterator() -> Iterator {
            let isArray = node.cell.kind == .array
            return Iterator(document: node.document, at: node.index + 1, end: isArray ? Int(node.cell.next) : 0)
        }

        public struct Iterator: IteratorProtocol {
            let document: JSONDocument
            var at: Int
            let end: Int

            public mutating func next() -> JSONNode? {
                guard at < end else { return nil }
                defer { at = Int(document.cells[at].next) }
                return JSONNode(document: document, index: at)
            }
        }
    }

    public struct Members: Sequence, Sendable {
        let node: JSONNode

        public func makeIterator() -> Iterator {
            let isObject = node.cell.kind == .object
            return Iterator(document: node.document, at: node.index + 1, end: isObject ? Int(node.cell.next) : 0)
        }

        public struct Iterator: IteratorProtocol {
            let document: JSONDocument
            var at: Int
            let end: Int

            public mutating func next() -> (name: String, value: JSONNode)? {
                guard at + 1 < end else { return nil }
                let name = JSONText.decoded(document.bytes, document.cells[at])
                let value = JSONNode(document: document, index: at + 1)
                at = Int(document.cells[at + 1].next)
                return (name, value)
            }
        }
    }
}
