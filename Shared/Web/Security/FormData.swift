/// The fields of a posted form.
public struct FormData: Sendable {
    /// Why a body is no form; all of these are a 400.
    public enum Fault: Error, Equatable { case tooManyFields, nameTooLong, badEscape, notUTF8, controlCharacter }

    /// Fields a form may have.
    public static let maximumFields = 200
    /// Bytes a field's name may have.
    public static let maximumNameLength = 100

    private var fields: [(name: String, value: String)] = []

    public init() {}

    /// Reads a body of type `application/x-www-form-urlencoded`. U+0000 and other control characters but tab and line ends are refused: no field of
    /// ours has them.
    public init(_ body: some Collection<UInt8>) throws(Fault) {
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let cut = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = cut < pair.endIndex ? pair[pair.index(after: cut)...] : pair[cut...]
            try add(Self.decoded(pair[..<cut]), Self.decoded(value))
        }
    }

    /// A field as it came, without escapes.
    mutating func add(_ name: [UInt8], _ value: [UInt8]) throws(Fault) {
        guard fields.count < Self.maximumFields else { throw .tooManyFields }
        guard name.count <= Self.maximumNameLength else { throw .nameTooLong }
        fields.append((try Self.text(name), try Self.text(value)))
    }

    /// The value of a field that was sent exactly once; nil when it is missing, or sent twice.
    public subscript(_ name: String) -> String? {
        var found: String?
        for field in fields where field.name == name {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    /// Like the subscript, without the blanks around it; empty when it is missing.
    public func trimmed(_ name: String) -> String { self[name].map { String($0.trimmed()) } ?? "" }

    /// A whole number; nil when it is missing or is none.
    public func number(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// Every value of a field that may be sent several times.
    public func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// Everything, as it came.
    public var all: [(name: String, value: String)] { fields }

    /// What a person typed or chose, in the order of the form: neither the keys that belong to one page of one session, nor a password.
    ///
    /// In what somebody does about their own account a `code` is a second factor's, and never kept; elsewhere it is a diagnosis's or a substance's.
    /// - Parameter path: where the form was sent.
    public func kept(of path: String) -> [(name: String, value: String)] {
        let isAccount = path == "/security" || path.hasPrefix("/security/")
        return fields.filter { field in
            let isKey = field.name == FormField.formKey || field.name == FormField.submission
            return !isKey && !field.name.hasPrefix("password") && !(isAccount && field.name == "code")
        }
    }

    private static func decoded(_ bytes: some Collection<UInt8>) throws(Fault) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var rest = bytes.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+"): plain.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { throw .badEscape }
                plain.append(high << 4 | low)
            default: plain.append(byte)
            }
        }
        return plain
    }

    private static func text(_ bytes: [UInt8]) throws(Fault) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notUTF8 }
        let isClean = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 || $0 == "\t" || $0 == "\n" || $0 == "\r" }
        guard isClean else { throw .controlCharacter }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
