public import Foundation

/// The identity of an `Entity`: a UUID of version 7, made by the sender, so ids sort by the time they were made.
public struct ID<Entity>: Hashable, Sendable, Comparable, Codable, CustomStringConvertible, LosslessStringConvertible {
    public let uuid: UUID

    public init() { uuid = .v7() }
    public init(_ uuid: UUID) { self.uuid = uuid }

    /// - Parameter description: the 36 characters of a UUID, in either case.
    public init?(_ description: String) {
        guard let uuid = UUID(uuidString: description) else { return nil }
        self.uuid = uuid
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let uuid = UUID(uuidString: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self.uuid = uuid
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Lower case, as FHIR writes ids.
    public var description: String { uuid.uuidString.lowercased() }
    public static func < (a: Self, b: Self) -> Bool { a.uuid < b.uuid }
}

extension UUID {
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
public enum Account {}
public enum Session {}
public enum Invitation {}
public enum Upload {}
public enum Intent {}
