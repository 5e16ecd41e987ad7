public import Crypto
public import Foundation

/// Why something could not be sealed or opened. Holds no content.
public enum SealingError: Error, Equatable {
    /// A key file is missing, unreadable or not what it should be; says which file and what was expected.
    case keyFile(String)
    /// Sealed with a key that this process has not got.
    case unknownKey(Int)
    /// Not sealed by us, sealed for another place, or altered.
    case notAuthentic
    /// The patient's key was never made.
    case noPatientKey
    /// The patient's key was destroyed then: what it sealed can be read by nobody.
    case destroyed(Date)
    /// There is a legal hold: the key must not be destroyed.
    case held
    case tooLarge
    /// The dictionaries that belong beside the executable are not there, or an older release lacks a newer one.
    case noDictionary

    /// There is no key: never was, or not any more.
    public var isOfNoKey: Bool {
        switch self {
        case .noPatientKey, .destroyed: true
        default: false
        }
    }
    public var isOfDestroyed: Bool { if case .destroyed = self { true } else { false } }
}

/// Secrets are files, never settings.
public enum SecretFile {
    /// The file's first line without white space at its ends.
    public static func text(_ path: String) throws(SealingError) -> String {
        guard let data = FileManager.default.contents(atPath: path), let text = String(data: data, encoding: .utf8) else {
            throw .keyFile("\(path): cannot be read as text")
        }
        return String(text.prefix { $0 != "\n" }).trimmingCharacters(in: .whitespaces)
    }

    /// 32 bytes written as 64 hexadecimal digits.
    public static func key(_ path: String) throws(SealingError) -> SymmetricKey {
        guard let bytes = [UInt8](hex: try text(path)), bytes.count == 32 else {
            throw .keyFile("\(path): 64 hexadecimal digits were expected")
        }
        return SymmetricKey(data: bytes)
    }
}

extension [UInt8] {
    /// - Parameter hex: an even number of hexadecimal digits.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8.compactMap { digit -> UInt8? in
            switch digit {
            case 48...57: digit - 48
            case 65...70: digit - 55
            case 97...102: digit - 87
            default: nil
            }
        }
        guard digits.count == hex.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}

extension Sequence<UInt8> {
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
