public import Foundation

/// What was planned, sent or not sent for one appointment, and why.
public struct ReadNotices: Query {
    public static let name = "notifications.read-notices.v1"
    public typealias Reply = Notices

    public var appointment: ID<Appointment>

    public init(appointment: ID<Appointment>) {
        self.appointment = appointment
    }
}

public struct Notices: Codable, Sendable, Equatable {
    public var notices: [Notice]

    public init(notices: [Notice]) {
        self.notices = notices
    }
}

public struct Notice: Codable, Sendable, Equatable {
    public var intent: ID<Intent>
    /// confirmation, reminder, cancellation
    public var kind: String
    /// email, sms
    public var channel: String
    /// scheduled, claimed, sent, delivered, bounced, failed, superseded, suppressed, unknown
    public var state: String
    /// Code of why it was not sent.
    public var reason: String?
    public var due: ZonedTime
    public var sent: Date?

    public init(
        intent: ID<Intent>, kind: String, channel: String, state: String, reason: String? = nil, due: ZonedTime, sent: Date? = nil
    ) {
        self.intent = intent
        self.kind = kind
        self.channel = channel
        self.state = state
        self.reason = reason
        self.due = due
        self.sent = sent
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
