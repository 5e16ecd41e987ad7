/// A statement and its binds. Interpolated values become `$1`, `$2`… and travel beside the text, never inside it:
///
///     let sql: SQL = "SELECT name FROM patient WHERE id = \(id)"
///
/// Raw text comes from constants only: `\(raw: "DESC")`, `\(identifier: "patient")`. Another `SQL` may be interpolated; its binds are renumbered.
public struct SQL: Sendable {
    public private(set) var text: String
    public private(set) var binds: [Bind]
    /// Where each `$n` begins in `text`, in UTF-8 bytes: renumbering must not touch a `$1` inside a literal.
    private var placeholders: [Int]
    /// Whether a connection keeps the statement prepared under its text.
    let isPrepared: Bool

    /// Text that is put together at run time, for tools and tests. It is not prepared and never quoted in errors.
    public init(trusted text: String) {
        self.text = text
        (binds, placeholders, isPrepared) = ([], [], false)
    }

    private init(_ interpolation: StringInterpolation) {
        (text, binds, placeholders, isPrepared) = (interpolation.text, interpolation.binds, interpolation.placeholders, true)
    }

    public static func + (left: SQL, right: SQL) -> SQL { "\(left)\(right)" }
    public static func += (left: inout SQL, right: SQL) { left = left + right }
}

extension SQL: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) {
        text = value
        (binds, placeholders, isPrepared) = ([], [], true)
    }

    public init(stringInterpolation: StringInterpolation) { self.init(stringInterpolation) }

    public struct StringInterpolation: StringInterpolationProtocol, Sendable {
        var text: String
        var binds: [Bind]
        var placeholders: [Int]

        public init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + 3 * interpolationCount)
            binds = []
            binds.reserveCapacity(interpolationCount)
            placeholders = []
            placeholders.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value) { append(value.postgresBind) }

        /// NULL when there is no value.
        public mutating func appendInterpolation<Value: PostgresEncodable>(_ value: Value?) { append(value.postgresBind) }

        /// Text as it is.
        public mutating func appendInterpolation(raw: StaticString) { text += "\(raw)" }

        /// A name, quoted.
        public mutating func appendInterpolation(identifier: StaticString) { text += quotedIdentifier("\(identifier)") }

        public mutating func appendInterpolation(_ sql: SQL) {
            let bytes = sql.text.utf8
            var copied = bytes.startIndex
            for (number, offset) in sql.placeholders.enumerated() {
                let start = bytes.index(bytes.startIndex, offsetBy: offset)
                text += sql.text[copied..<start]
                append(sql.binds[number])
                // "$" and the digits of the old number.
                copied = bytes.index(start, offsetBy: 1 + String(number + 1).utf8.count)
            }
            text += sql.text[copied...]
        }

        private mutating func append(_ bind: Bind) {
            binds.append(bind)
            placeholders.append(text.utf8.count)
            text += "$"
            text += String(binds.count)
        }
    }
}
