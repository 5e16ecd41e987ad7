internal import Crypto
public import Foundation

/// One-time codes from a secret and the clock (RFC 6238): HMAC-SHA-1, six digits, another every 30 seconds. These are the parameters every
/// authenticator app knows.
public struct TimeCodes: Sendable, Equatable {
    /// Seconds a code lasts.
    public static let period = 30.0
    public static let digits = 6
    /// Codes of so many steps before and after are good too: clocks differ, and typing takes time.
    public static let drift: Int64 = 1
    /// Bytes of a secret: as long as the hash.
    public static let secretLength = 20
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    public let secret: [UInt8]

    public init(secret: [UInt8]) { self.secret = secret }

    /// - Parameter base32: RFC 4648, in any case, with or without blanks and padding. Nil when it is no such text or shorter than 16 bytes.
    public init?(base32: String) {
        var (bits, count, bytes) = (UInt32(0), 0, [UInt8]())
        for character in base32.uppercased() where !character.isWhitespace && character != "=" {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            (bits, count) = ((bits << 5 | UInt32(value)) & 0xFFF, count + 5)
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        guard bytes.count >= 16 else { return nil }
        secret = bytes
    }

    /// A new secret from the system's random numbers.
    public static func random() -> TimeCodes {
        TimeCodes(secret: SymmetricKey(size: .init(bitCount: 8 * secretLength)).withUnsafeBytes { Array($0) })
    }

    /// As people type it into an app that has no camera.
    public var base32: String {
        var (bits, count, text) = (UInt32(0), 0, "")
        for byte in secret {
            (bits, count) = ((bits << 8 | UInt32(byte)) & 0xFFFF, count + 8)
            while count >= 5 {
                count -= 5
                text.append(Self.alphabet[Int(bits >> UInt32(count) & 31)])
            }
        }
        if count > 0 { text.append(Self.alphabet[Int(bits << UInt32(5 - count) & 31)]) }
        return text
    }

    /// Periods since 1970.
    public static func step(at now: Date) -> Int64 { Int64((now.timeIntervalSince1970 / period).rounded(.down)) }

    public func code(at step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let mac = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: SymmetricKey(data: secret)))
        let offset = Int(mac[mac.count - 1] & 15)
        let number = mac[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: Self.digits - text.count) + text
    }

    /// The step a typed code belongs to; nil when it is no code of now. Every step is computed, whichever fits.
    public func step(of code: String, at now: Date) -> Int64? {
        let current = Self.step(at: now)
        let typed = Array(code.utf8)
        return ((current - Self.drift)...(current + Self.drift)).reduce(Int64?.none) { found, step in
            let expected = Array(self.code(at: step).utf8)
            let difference = zip(typed, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            return typed.count == expected.count && difference == 0 ? step : found
        }
    }
}
