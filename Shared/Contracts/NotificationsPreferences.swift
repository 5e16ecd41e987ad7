public import Foundation

/// What a message is about, as people choose what they want to hear of.
public enum MessageTopic: String, Codable, Sendable {
    /// That a visit is near.
    case visitReminders
    /// That a visit was booked, moved or cancelled.
    case visitChanges
    /// That something in the record changed.
    case recordNews
    /// That the clinic wrote.
    case messages
    /// That there is a bill or a statement, or that an instalment is due soon.
    case bills
    /// Codes, and that a password or second factor changed. Sent whatever somebody wants.
    case accountSecurity
}

public enum MessageChannel: String, Codable, Sendable {
    case email, sms
}

/// One kind of message by one channel, and whether somebody wants it.
public struct MessageChoice: Codable, Sendable, Hashable {
    public var topic: MessageTopic
    public var channel: MessageChannel
    public var wanted: Bool
    /// True where they want to hear of it once a day, in one e-mail with all else of that day. In a change nil leaves that as it is.
    public var daily: Bool?

    /// What does not have to be heard of at once.
    public var canBeDaily: Bool { channel == .email && Self.dailyTopics.contains(topic) }

    /// What one e-mail a day tells of.
    public static let dailyTopics: [MessageTopic] = [.recordNews, .messages, .bills]

    public init(_ topic: MessageTopic, _ channel: MessageChannel, wanted: Bool, daily: Bool? = nil) {
        (self.topic, self.channel, self.wanted, self.daily) = (topic, channel, wanted, daily)
    }
}

/// What a patient wants to be written about.
public struct ReadPreferences: Query {
    public static let name = "notifications.read-preferences.v1"
    public typealias Reply = Preferences

    public var patient: ID<Patient>

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>) { self.patient = patient }
}

public struct Preferences: Codable, Sendable, Equatable {
    /// Rises by one with every change; 0 before the first.
    public var version: Int
    /// Everything that can be chosen.
    public var choices: [MessageChoice]
    /// Since when no texts go to the number that texts went to last, because STOP came from it.
    public var textsStopped: Date?
    /// The number START is sent to; nil where this installation sends no texts.
    public var textsFrom: String?
    /// What was said, the newest 50 first.
    public var changes: [PreferenceChange]

    public init(
        version: Int, choices: [MessageChoice], textsStopped: Date? = nil, textsFrom: String? = nil, changes: [PreferenceChange] = []
    ) {
        (self.version, self.choices, self.changes) = (version, choices, changes)
        (self.textsStopped, self.textsFrom) = (textsStopped, textsFrom)
    }
}

/// When somebody said what they want, by what, and in which words.
public struct PreferenceChange: Codable, Sendable, Equatable {
    public var at: Date
    /// portal, clinic, text, one-click
    public var means: String
    /// What it changed; empty where it was about texts as a whole.
    public var choices: [MessageChoice]
    /// Of a text to the clinic: false for STOP, true for START.
    public var texts: Bool?
    /// What the text said.
    public var words: String?

    public init(at: Date, means: String, choices: [MessageChoice] = [], texts: Bool? = nil, words: String? = nil) {
        (self.at, self.means, self.choices, self.texts, self.words) = (at, means, choices, texts, words)
    }
}

/// Says for everything that can be chosen whether it is wanted; what is left out stays as it is.
public struct ChangePreferences: Command {
    public static let name = "notifications.change-preferences.v1"
    public typealias Reply = PreferencesChanged
    public typealias Refusal = ChangePreferencesRefusal

    public var patient: ID<Patient>
    /// That was seen.
    public var version: Int
    public var choices: [MessageChoice]
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(patient: ID<Patient>, version: Int, choices: [MessageChoice], key: UUID) {
        (self.patient, self.version, self.choices, self.key) = (patient, version, choices, key)
    }
}

public struct PreferencesChanged: Codable, Sendable, Equatable {
    public var version: Int

    public init(version: Int) { self.version = version }
}

public enum ChangePreferencesRefusal: String, Codable, Sendable {
    /// Somebody else changed them since they were read.
    case changedMeanwhile
    /// Messages of this topic are sent whatever somebody wants, or never by this channel.
    case notOffered
}

/// Whoever has an e-mail wants no more of its kind.
public struct Unsubscribe: Command {
    public static let name = "notifications.unsubscribe.v1"
    public typealias Reply = Unsubscribed
    public typealias Refusal = UnsubscribeRefusal

    /// The last part of the address in the e-mail's header.
    public var link: String
    public var key: UUID

    public init(link: String, key: UUID) { (self.link, self.key) = (link, key) }
}

public struct Unsubscribed: Codable, Sendable, Equatable {
    public var topic: MessageTopic

    public init(topic: MessageTopic) { self.topic = topic }
}

public enum UnsubscribeRefusal: String, Codable, Sendable {
    /// No link of ours.
    case unknown
}

/// What a provider of text messages told a gateway: the form as it came, and what proves who sent it.
public struct SignedHook: Codable, Sendable, Equatable {
    public struct Field: Codable, Sendable, Equatable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// Path and query that were called, as they were called.
    public var path: String
    public var fields: [Field]
    /// Base64, of the address and the fields.
    public var signature: String

    public init(path: String, fields: [Field], signature: String) {
        (self.path, self.fields, self.signature) = (path, fields, signature)
    }

    /// The value of a field that was sent once.
    public subscript(_ name: String) -> String? {
        let found = fields.filter { $0.name == name }
        return found.count == 1 ? found.first?.value : nil
    }
}

/// Somebody has sent a text message to the clinic's number.
public struct ReceiveText: Command {
    public static let name = "notifications.receive-text.v1"
    public typealias Reply = TextHeard
    public typealias Refusal = HookRefusal

    public var hook: SignedHook
    public var key: UUID

    public init(hook: SignedHook, key: UUID = .v7()) { (self.hook, self.key) = (hook, key) }
}

public struct TextHeard: Codable, Sendable, Equatable {
    /// What is to be answered, a `TextAnswer` as far as this version knows it; nil when the provider answers by itself.
    public var answer: String?
    /// Of the visit the answer speaks of.
    public var start: ZonedTime?
    /// BCP 47, of the answer.
    public var language: String

    public init(answer: TextAnswer?, start: ZonedTime? = nil, language: String) {
        (self.answer, self.start, self.language) = (answer?.rawValue, start, language)
    }
}

public enum TextAnswer: String, Sendable {
    case stopped, started, help
    /// That they come was taken, or that they do not.
    case accepted, declined
    /// That they come to all visits the last text told of was taken; or it told of several, and which of them is not come to X does not say.
    case acceptedAll = "accepted-all"
    case several
    /// The visit they answered is over; is cancelled; or has another time by now.
    case past, cancelled, moved
    case notUnderstood = "not-understood"
}

public enum HookRefusal: String, Codable, Sendable {
    /// Not by who has this clinic's token, or something was changed on the way.
    case notSigned
    case unreadable
    /// It was told before.
    case replayed
    /// Too long after what it tells of.
    case stale
}

/// The provider tells what became of a message it took.
public struct ReceiveReceipt: Command {
    public static let name = "notifications.receive-receipt.v1"
    public typealias Reply = Done
    public typealias Refusal = HookRefusal

    public var hook: SignedHook
    public var key: UUID

    public init(hook: SignedHook, key: UUID = .v7()) { (self.hook, self.key) = (hook, key) }
}
