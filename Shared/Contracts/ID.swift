public import Foundation

/// The identity of an `Entity`: a UUID of version 7, made by the sender, so ids sort by the time they were made.
public struct ID<Entity>: Hashable, Sendable, Comparable, Codable, CustomStringConvertible, LosslessStringConvertible {
    public let uuid: UUID

    public init() { uuid = .v7() }
    public init(_ uuid: UUID) { self.uuid = uuid }

    /// - Parameter description: the 36 characters of a UUID, in either case.
    public init?(_ description: String) {
        guard let uuid = UUID(text: description) else { return nil }
        self.uuid = uuid
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let uuid = UUID(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self.uuid = uuid
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Lower case, as FHIR writes ids.
    public var description: String { uuid.text }
    public static func < (a: Self, b: Self) -> Bool { a.uuid < b.uuid }
}

extension UUID {
    /// - Parameter text: 36 characters, in either case. `uuidString` scans with a format: a page of the chart has a hundred ids.
    public init?(text: String) {
        var text = text
        var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isGood = text.withUTF8 { characters in
            guard characters.count == 36 else { return false }
            return withUnsafeMutableBytes(of: &uuid) { bytes in
                var place = 0
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        guard characters[place] == UInt8(ascii: "-") else { return false }
                        place += 1
                    }
                    guard let high = Self.digit(characters[place]), let low = Self.digit(characters[place + 1]) else { return false }
                    bytes[index] = high << 4 | low
                    place += 2
                }
                return true
            }
        }
        guard isGood else { return nil }
        self.init(uuid: uuid)
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x61...0x66: character - 0x57
        case 0x41...0x46: character - 0x37
        default: nil
        }
    }

    /// 36 characters, in lower case.
    public var text: String {
        let digits: StaticString = "0123456789abcdef"
        return withUnsafeBytes(of: uuid) { bytes in
            String(unsafeUninitializedCapacity: 36) { out in
                var place = 0
                for (index, byte) in bytes.enumerated() {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        out[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    out[place] = digits.utf8Start[Int(byte >> 4)]
                    out[place + 1] = digits.utf8Start[Int(byte & 15)]
                    place += 2
                }
                return place
            }
        }
    }

    /// A UUID of version 7 (RFC 9562): 48 bits of milliseconds, the rest random.
    public static func v7(at time: Date = Date()) -> UUID {
        var random = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        let high = milliseconds << 16 | 0x7000 | UInt64.random(in: 0...0x0FFF, using: &random)
        let low = UInt64.random(in: 0...0x3FFF_FFFF_FFFF_FFFF, using: &random) | 0x8000_0000_0000_0000
        func byte(_ word: UInt64, _ index: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: word >> (56 - 8 * index)) }
        return UUID(
            uuid: (
                byte(high, 0), byte(high, 1), byte(high, 2), byte(high, 3), byte(high, 4), byte(high, 5), byte(high, 6), byte(high, 7),
                byte(low, 0), byte(low, 1), byte(low, 2), byte(low, 3), byte(low, 4), byte(low, 5), byte(low, 6), byte(low, 7)
            ))
    }
}

// What ids are of. FHIR's names for clinical things.
public enum Patient {}
public enum Practitioner {}
public enum Location {}
public enum Organization {}
public enum Resource {}
public enum Appointment {}
public enum Waiting {}
public enum Account {}
public enum Session {}
public enum Invitation {}
public enum Upload {}
public enum DocumentShare {}
public enum RecordOrder {}
public enum Export {}
public enum BrokenGlass {}
public enum Intent {}
public enum Letter {}
public enum AccountRequest {}
public enum Device {}
public enum Proxy {}
public enum Question {}
public enum Passkey {}
public enum NoteTemplate {}
public enum MessageThread {}
public enum ThreadMessage {}
public enum Invoice {}
public enum Guarantor {}
public enum PaymentPlan {}
public enum Coverage {}
public enum Charge {}
public enum Payment {}
public enum Refund {}
public enum LedgerEntry {}
public enum AccountStatement {}
public enum LineDispute {}
public enum Approval {}
public enum CallWindow {}
public enum Guest {}
