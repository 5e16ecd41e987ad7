/// A JSON text that passed the parser: its bytes, and a flat tree over them.
///
/// Nothing is converted: numbers are their literals, strings keep their escapes, members their order. What the tree gives out is
/// computed from the bytes when asked for. RFC 8259, and stricter where FHIR or PostgreSQL are: no duplicate names, no lone
/// surrogates, no U+0000, at most 64 levels.
public final class JSONDocument: Sendable {
    /// The whole text, without a byte order mark.
    public let bytes: [UInt8]
    let cells: [Cell]

    /// - Throws: the first fault; a text is taken whole or not at all.
    public init(_ bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        self.cells = try parser.parse()
        self.bytes = parser.bytes
    }

    public convenience init(_ text: String) throws(JSONError) {
        try self.init(Array(text.utf8))
    }

    public var root: JSONNode { JSONNode(document: self, index: 0) }

    /// Line of a byte, from 1.
    public func line(of offset: Int) -> Int {
        1 + bytes.prefix(max(0, offset)).count { $0 == 0x0A }
    }

    /// One value or member name. Containers are followed by what they hold.
    struct Cell: Sendable {
        enum Kind: UInt8, Sendable { case object, array, string, number, bool, null, name }

        var kind: Kind
        /// A string or name with a backslash in it.
        var escaped = false
        /// Range in the bytes; strings with their quotes.
        var start: UInt32
        var end: UInt32 = 0
        /// For values: the cell after the value and all it holds. For names: the name's hash.
        var next: UInt32 = 0
    }
}
