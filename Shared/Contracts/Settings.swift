public import Foundation

/// One change of something that administrators set.
public struct SettingChange: Codable, Sendable, Equatable {
    /// What it was from then on; the first is 1.
    public var version: Int
    public var at: Date
    /// Whose account made it; nil where the operator did.
    public var account: ID<Account>?

    public init(version: Int, at: Date, account: ID<Account>? = nil) { (self.version, self.at, self.account) = (version, at, account) }
}

public enum SettingRefusal: String, Codable, Sendable {
    /// Nothing like that is set, or it never had that version.
    case notFound
}

public struct SettingKept: Codable, Sendable, Equatable {
    /// The version it has now.
    public var version: Int

    public init(version: Int) { self.version = version }
}
