public import Foundation

/// A moment as it was agreed: the instant, and the wall time and zone people said it in.
public struct ZonedTime: Codable, Sendable, Hashable {
    public var instant: Date
    /// Wall time, `2026-11-24T10:40`.
    public var local: String
    /// IANA name, `America/Chicago`. There is no default zone.
    public var zone: String

    public init(_ instant: Date, local: String, zone: String) {
        (self.instant, self.local, self.zone) = (instant, local, zone)
    }

    /// `2026-11-24`
    public var day: String { String(local.prefix(10)) }
}
