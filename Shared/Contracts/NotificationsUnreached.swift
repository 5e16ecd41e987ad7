public import Foundation

/// Coming visits of which no message reached anybody, and news in the portal that nobody could be told of: whom the clinic has to call.
public struct ReadUnreached: Query {
    public static let name = "notifications.read-unreached.v1"
    public typealias Reply = Unreached

    public init() {}
}

public struct Unreached: Codable, Sendable, Equatable {
    /// The soonest visit first, at most 50.
    public var lines: [UnreachedLine]
    public var total: Int
    /// The oldest first, at most 50.
    public var letters: [UnreachedLetter]?
    public var totalLetters: Int?

    public init(lines: [UnreachedLine], total: Int, letters: [UnreachedLetter]? = nil, totalLetters: Int? = nil) {
        (self.lines, self.total, self.letters, self.totalLetters) = (lines, total, letters, totalLetters)
    }
}

/// That there is something in the portal, which reached its reader neither by e-mail nor by text.
public struct UnreachedLetter: Codable, Sendable, Equatable {
    public var letter: ID<Letter>
    public var patient: ID<Patient>
    /// What it tells of, a code.
    public var kind: String
    public var at: Date
    /// As `UnreachedLine.reasons`.
    public var reasons: [String]

    public init(letter: ID<Letter>, patient: ID<Patient>, kind: String, at: Date, reasons: [String]) {
        (self.letter, self.patient, self.kind, self.at, self.reasons) = (letter, patient, kind, at, reasons)
    }
}

public struct UnreachedLine: Codable, Sendable, Equatable {
    /// One of the messages; it stands for all of the same visit.
    public var intent: ID<Intent>
    public var appointment: ID<Appointment>
    public var patient: ID<Patient>
    public var start: ZonedTime
    /// Codes of why, by channel: `email no-contact`.
    public var reasons: [String]

    public init(intent: ID<Intent>, appointment: ID<Appointment>, patient: ID<Patient>, start: ZonedTime, reasons: [String]) {
        (self.intent, self.appointment, self.patient, self.start, self.reasons) = (intent, appointment, patient, start, reasons)
    }
}

/// Somebody at the clinic has told the patient by other means.
public struct CloseUnreached: Command {
    public static let name = "notifications.close-unreached.v1"
    public typealias Reply = Done
    public typealias Refusal = UnreachedRefusal

    /// Or a letter's id.
    public var intent: ID<Intent>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(intent: ID<Intent>, patient: ID<Patient>, key: UUID) { (self.intent, self.patient, self.key) = (intent, patient, key) }
}

public enum UnreachedRefusal: String, Codable, Sendable {
    case notFound
}
