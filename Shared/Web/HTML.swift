public import Contracts

/// Finished HTML. What is interpolated into it is escaped by its type: a `String` becomes text, only another `HTML` passes as markup.
///
/// Text is escaped for element content and for attributes in double or single quotes alike; an attribute value is therefore always quoted.
///
///     let row: HTML = "<li class=\"\(kind)\">\(name)</li>"
///     let list: HTML = "<ul>\(each: names, { "<li>\($0)</li>" })</ul>"
public struct HTML: Sendable, Hashable {
    /// The markup as it is sent.
    public private(set) var markup: String

    /// Nothing at all.
    public init() { markup = "" }

    /// Markup that is known to be safe, for instance a cached piece of this module. Never for anything that came in from outside.
    init(markup: String) { self.markup = markup }

    /// Plain text, escaped.
    public init(text: some StringProtocol) {
        markup = ""
        HTML.escape(text, into: &markup)
    }

    public var isEmpty: Bool { markup.isEmpty }

    public static func += (left: inout HTML, right: HTML) { left.markup += right.markup }

    public static func + (left: HTML, right: HTML) -> HTML {
        var sum = left
        sum += right
        return sum
    }

    /// Escapes the five characters HTML gives a meaning, and U+0000, which no HTML page may hold.
    static func escape(_ text: some StringProtocol, into out: inout String) {
        var start = text.utf8.startIndex
        var at = start
        let end = text.utf8.endIndex
        while at < end {
            let entity: String? =
                switch text.utf8[at] {
                case UInt8(ascii: "&"): "&amp;"
                case UInt8(ascii: "<"): "&lt;"
                case UInt8(ascii: ">"): "&gt;"
                case UInt8(ascii: "\""): "&quot;"
                case UInt8(ascii: "'"): "&#39;"
                case 0: "\u{FFFD}"
                default: nil
                }
            let next = text.utf8.index(after: at)
            if let entity {
                out += text[start..<at]
                out += entity
                start = next
            }
            at = next
        }
        out += text[start..<end]
    }
}

extension HTML: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { markup = value }
    public init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    /// Builds markup: literals as they stand, values by their type.
    public struct StringInterpolation: StringInterpolationProtocol {
        var markup: String

        public init(literalCapacity: Int, interpolationCount: Int) {
            markup = ""
            markup.reserveCapacity(literalCapacity + interpolationCount * 32)
        }

        public mutating func appendLiteral(_ literal: String) { markup += literal }

        /// Text: escaped.
        public mutating func appendInterpolation(_ text: String) { HTML.escape(text, into: &markup) }
        public mutating func appendInterpolation(_ text: Substring) { HTML.escape(text, into: &markup) }
        /// Digits need no escaping.
        public mutating func appendInterpolation(_ number: Int) { markup += String(number) }
        /// Hexadecimal digits and dashes.
        public mutating func appendInterpolation<Entity>(_ id: ID<Entity>) { markup += id.description }
        /// Markup: passes.
        public mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
        public mutating func appendInterpolation(_ part: some Part) { markup += part.html.markup }

        /// What is not there leaves nothing behind.
        public mutating func appendInterpolation(_ text: String?) { if let text { appendInterpolation(text) } }
        public mutating func appendInterpolation(_ html: HTML?) { if let html { appendInterpolation(html) } }
        public mutating func appendInterpolation(_ part: (some Part)?) { if let part { appendInterpolation(part) } }

        /// One piece for each element, in order.
        public mutating func appendInterpolation<Elements: Sequence>(each elements: Elements, _ piece: (Elements.Element) throws -> HTML) rethrows {
            for element in elements { markup += try piece(element).markup }
        }

        /// The piece, only when the condition holds.
        public mutating func appendInterpolation(when condition: Bool, _ piece: @autoclosure () -> HTML?) {
            if condition { appendInterpolation(piece()) }
        }
    }
}

/// A piece of a page that writes itself.
public protocol Part: Sendable {
    var html: HTML { get }
}

extension HTML {
    /// Its text, for what is no page. For words of the catalogue: they have no markup in them.
    public var plainText: String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(markup) { $0.replacing($1.0, with: $1.1) }
    }

    /// The same with its first letter as at the start of a sentence. Markup at the start is left as it is.
    public var capitalized: HTML {
        guard let first = markup.first, first.isLowercase else { return self }
        return HTML(markup: first.uppercased() + markup.dropFirst())
    }
}
