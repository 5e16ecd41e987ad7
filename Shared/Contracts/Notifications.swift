public import Foundation

/// What was planned, sent or not sent for one appointment, and why.
public struct ReadNotices: Query {
    public static let name = "notifications.read-notices.v1"
    public typealias Reply = Notices

    public var appointment: ID<Appointment>
    /// Whose it is; nil where only the front desk asks.
    public var patient: ID<Patient>?
    /// Code of the visit's kind: tells which reminders it has before they are due.
    public var service: String?

    public var patients: [ID<Patient>] { patient.map { [$0] } ?? [] }

    public init(appointment: ID<Appointment>, patient: ID<Patient>? = nil, service: String? = nil) {
        (self.appointment, self.patient, self.service) = (appointment, patient, service)
    }
}

public struct Notices: Codable, Sendable, Equatable {
    public var notices: [Notice]
    /// What was answered to them, the first first.
    public var answers: [VisitAnswerLine]?

    public init(notices: [Notice], answers: [VisitAnswerLine]? = nil) {
        (self.notices, self.answers) = (notices, answers)
    }
}

/// That somebody comes, or does not.
public struct VisitAnswerLine: Codable, Sendable, Equatable {
    public var at: Date
    public var accepts: Bool
    /// link, text
    public var means: String
    /// waiting, done, refused
    public var state: String

    public init(at: Date, accepts: Bool, means: String, state: String) {
        (self.at, self.accepts, self.means, self.state) = (at, accepts, means, state)
    }
}

public struct Notice: Codable, Sendable, Equatable {
    public var intent: ID<Intent>
    /// confirmation, reminder, cancellation
    public var kind: String
    /// email, sms
    public var channel: String
    /// at-once, week-before, day-before, two-hours-before
    public var rule: String?
    /// scheduled, claimed, sent, delivered, bounced, failed, superseded, suppressed, unknown
    public var state: String
    /// Code of why it was not sent.
    public var reason: String?
    public var due: ZonedTime
    public var sent: Date?
    /// What the provider said became of it: sent, delivered, failed.
    public var receipt: String?
    public var receiptAt: Date?
    /// Where it reached nobody, what came of that: other-channel, to-be-called, told.
    public var next: String?
    /// When the desk told them.
    public var told: Date?
    /// Of how many visits that message told, this one among them; nil where of no other.
    public var visits: Int?

    public init(
        intent: ID<Intent>, kind: String, channel: String, rule: String? = nil, state: String, reason: String? = nil, due: ZonedTime,
        sent: Date? = nil, receipt: String? = nil, receiptAt: Date? = nil, next: String? = nil, told: Date? = nil,
        visits: Int? = nil
    ) {
        self.intent = intent
        self.kind = kind
        self.channel = channel
        self.rule = rule
        self.state = state
        self.reason = reason
        self.due = due
        self.sent = sent
        self.receipt = receipt
        self.receiptAt = receiptAt
        (self.next, self.told) = (next, told)
        self.visits = visits
    }
}

public struct NotificationSent: Event, Equatable {
    public static let name = "notifications.sent.v1"

    public var intent: ID<Intent>
    public var appointment: ID<Appointment>?
    public var channel: String

    public init(intent: ID<Intent>, appointment: ID<Appointment>? = nil, channel: String) {
        (self.intent, self.appointment, self.channel) = (intent, appointment, channel)
    }
}
