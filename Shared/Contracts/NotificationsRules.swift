public import Foundation

/// When patients are reminded of one kind of visit.
public struct ReminderRules: Codable, Sendable, Equatable {
    /// The kind of visit's code.
    public var service: String
    /// week-before, day-before, two-hours-before; none for no reminders. Who books later than the last of them is reminded by the next there is.
    public var rules: [String]
    /// 0 where nobody has set them: then they are what every kind of visit has.
    public var version: Int

    public init(service: String, rules: [String], version: Int) { (self.service, self.rules, self.version) = (service, rules, version) }
}

/// What is set for every kind of visit that has rules of its own, and what the others have.
public struct ReadReminderRules: Query {
    public static let name = "notifications.read-reminder-rules.v1"
    public typealias Reply = AllReminderRules

    public init() {}
}

public struct AllReminderRules: Codable, Sendable, Equatable {
    public var usual: [String]
    /// By code.
    public var own: [ReminderRules]

    public init(usual: [String], own: [ReminderRules]) { (self.usual, self.own) = (usual, own) }

    public func rules(of service: String) -> ReminderRules {
        own.first { $0.service == service } ?? ReminderRules(service: service, rules: usual, version: 0)
    }
}

/// Sets when patients are reminded of one kind of visit. It holds for every reminder that is not sent yet.
public struct KeepReminderRules: Command {
    public static let name = "notifications.keep-reminder-rules.v1"
    public typealias Reply = SettingKept
    public typealias Refusal = ReminderRulesRefusal

    public var service: String
    public var rules: [String]
    /// What the writer read; 0 for the first.
    public var version: Int
    public var key: UUID

    public init(service: String, rules: [String], version: Int, key: UUID) {
        (self.service, self.rules, self.version, self.key) = (service, rules, version, key)
    }
}

public enum ReminderRulesRefusal: Codable, Sendable, Equatable {
    /// A rule nobody knows, or no code of a kind of visit.
    case invalid
    /// Somebody else changed it since.
    case changedMeanwhile(version: Int)
}

/// Who set the rules of a kind of visit when, and what one of the changes did.
public struct ReadReminderRuleHistory: Query {
    public static let name = "notifications.read-reminder-rule-history.v1"
    public typealias Reply = ReminderRuleHistory
    public typealias Refusal = SettingRefusal

    public var service: String
    /// The change to show; the newest when it is not named.
    public var version: Int?

    public init(service: String, version: Int? = nil) { (self.service, self.version) = (service, version) }
}

public struct ReminderRuleHistory: Codable, Sendable, Equatable {
    /// Newest first, at most 100.
    public var changes: [SettingChange]
    public var total: Int
    /// The change that is shown.
    public var shown: Int
    public var before: [String]
    public var after: [String]

    public init(changes: [SettingChange], total: Int, shown: Int, before: [String], after: [String]) {
        (self.changes, self.total, self.shown, self.before, self.after) = (changes, total, shown, before, after)
    }
}
