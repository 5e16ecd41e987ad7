/// The grammars of FHIR's primitive types, on bytes.
public enum Primitive {
    /// `[A-Za-z0-9\-\.]{1,64}`
    public static func isID(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        return (1...64).contains(bytes.count)
            && bytes.allSatisfy { isDigit($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }

    /// Text without white space at its ends and with single spaces inside.
    public static func isCode(_ text: String) -> Bool {
        var previous: UInt8 = 0x20
        for byte in text.utf8 {
            guard byte > 0x20 || (byte == 0x20 && previous != 0x20) else { return false }
            previous = byte
        }
        return previous != 0x20
    }

    /// No white space, not empty.
    public static func isURI(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 }
    }

    /// A JSON number without fraction or exponent, of 32 bits.
    static func integer(_ literal: String) -> Int32? {
        literal.utf8.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "-") } ? Int32(literal) : nil
    }

    /// `hh:mm:ss` with an optional fraction.
    public static func isTime(_ text: String) -> Bool {
        var reader = DigitReader(text)
        return reader.clock() != nil && reader.isAtEnd
    }

    /// Letters of base 64 and white space, whole groups of four.
    static func isBase64(_ text: String) -> Bool {
        var letters = 0
        var padding = 0
        for byte in text.utf8 {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "="): padding += 1
            case UInt8(ascii: "+"), UInt8(ascii: "/"): letters += 1
            case _ where isDigit(byte) || (0x61...0x7A).contains(byte | 0x20): letters += 1
            default: return false
            }
            if padding > 0, byte != UInt8(ascii: "=") { return false }
        }
        return padding <= 2 && (letters + padding) % 4 == 0
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}

/// Reads the parts of dates and times from the front of a text.
struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ letter: Character) -> Bool {
        guard let byte = rest.first, byte == letter.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    /// Exactly `count` digits.
    mutating func number(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = rest.popFirst(), Primitive.isDigit(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    /// `hh:mm:ss(.f+)?`; seconds may be 60, as the grammar of FHIR says.
    mutating func clock() -> Clock? {
        guard let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60, take(":"), let second = number(2), second <= 60
        else { return nil }
        var nanoseconds = 0
        var digits = 0
        if take(".") {
            while let byte = rest.first, Primitive.isDigit(byte) {
                rest.removeFirst()
                if digits < 9 { nanoseconds = nanoseconds * 10 + Int(byte - 0x30) }
                digits += 1
            }
            guard digits > 0 else { return nil }
            for _ in min(digits, 9)..<9 { nanoseconds *= 10 }
        }
        return Clock(hour: hour, minute: minute, second: second, nanoseconds: nanoseconds, digits: digits)
    }

    /// `Z` or `±hh:mm` up to 14:00, in seconds.
    mutating func offset() -> Int? {
        if take("Z") { return 0 }
        let sign = take("-") ? -1 : take("+") ? 1 : 0
        guard sign != 0, let hour = number(2), take(":"), let minute = number(2), minute < 60 else { return nil }
        guard hour < 14 || (hour == 14 && minute == 0) else { return nil }
        return sign * (hour * 3600 + minute * 60)
    }

    struct Clock {
        var hour: Int
        var minute: Int
        var second: Int
        var nanoseconds: Int
        /// How many digits the fraction had.
        var digits: Int
    }
}
