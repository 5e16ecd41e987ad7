public import Foundation

/// Coming visits of which no message reached anybody: whom the clinic has to call.
public struct ReadUnreached: Query {
    public static let name = "notifications.read-unreached.v1"
    public typealias Reply = Unreached

    public init() {}
}

public struct Unreached: Codable, Sendable, Equatable {
    /// The soonest visit first, at most 50.
    public var lines: [UnreachedLine]
    public var total: Int

    public init(lines: [UnreachedLine], total: Int) { (self.lines, self.total) = (lines, total) }
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

    public var intent: ID<Intent>
    public var patient: ID<Patient>
    public var key: UUID

    public var patients: [ID<Patient>] { [patient] }

    public init(intent: ID<Intent>, patient: ID<Patient>, key: UUID) { (self.intent, self.patient, self.key) = (intent, patient, key) }
}

public enum UnreachedRefusal: String, Codable, Sendable {
    case notFound
}
