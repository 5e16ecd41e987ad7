public import Foundation

// What every service tells about itself. On the wire the first part of the name is the service's own: `records.trail-sealed.v1`.

/// A part of a service's audit trail that has been sealed: to be kept elsewhere, and to be checked against the service's public key.
public struct TrailSealed: Event, Equatable {
    public static let name = "every.trail-sealed.v1"

    /// The position of the first line; the others follow without a gap.
    public var first: Int
    /// The link before the first line: 32 bytes.
    public var after: Data
    /// The entries, at most 500: the fields with tabs between, then the MAC in hexadecimal digits.
    public var lines: [String]
    /// The link of the last line, and its signature.
    public var link: Data
    public var signedAtMicroseconds: Int
    public var signature: Data

    public init(first: Int, after: Data, lines: [String], link: Data, signedAtMicroseconds: Int, signature: Data) {
        self.first = first
        self.after = after
        self.lines = lines
        self.link = link
        self.signedAtMicroseconds = signedAtMicroseconds
        self.signature = signature
    }
}

/// The services that have a schema.
public enum EveryService {
    public static let names = ["records", "scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine"]
}
