internal import Contracts
internal import Foundation
internal import Postgres

/// What a message is about.
enum Kind: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
    case confirmation, reminder, cancellation
}

enum Channel: String, Sendable, CaseIterable, PostgresEncodable, PostgresDecodable {
    case email, sms
}

/// How an intent's time was found.
enum Timing: String, Sendable, PostgresEncodable, PostgresDecodable {
    case atOnce = "at-once"
    case weekBefore = "week-before"
    case dayBefore = "day-before"
    case twoHoursBefore = "two-hours-before"
}

/// Why something was not sent, or not yet. Raw values are shown to staff by code.
enum Reason: String, Sendable, PostgresEncodable, PostgresDecodable {
    // Superseded: the appointment has moved on.
    case moved, cancelled
    // Suppressed.
    case past, deceased
    case practice = "practice-patient"
    case noContact = "no-contact"
    case channelOff = "channel-off"
    case tooSoon = "too-soon"
    case outsideHours = "outside-hours"
    case justTold = "just-told"
    case noAppointment = "no-appointment"
    case notCancelled = "not-cancelled"
    case sealed = "record-destroyed"
    /// The kind of visit has no such reminder; or a later one is due as well.
    case notSet = "not-set"
    case overtaken
    /// Somebody said no to this kind of message by this channel; or STOP came from the number.
    case notWanted = "not-wanted"
    case stopped
    // Failed, or to be tried again.
    case addressRefused = "address-refused"
    case addressNotUsable = "address-not-usable"
    case refused
    case signInRefused = "sign-in-refused"
    case notReached = "not-reached"
    case providerBusy = "provider-busy"
    case tooManyTries = "too-many-tries"
    /// The provider took it, and could not bring it to its reader.
    case notDelivered = "not-delivered"
    // The message may or may not have been accepted.
    case outcomeUnknown = "outcome-unknown"
    // Waiting.
    case quietHours = "quiet-hours"
    case recordsAway = "records-away"
    case schedulingAway = "scheduling-away"
}

/// An intent as its sender holds it.
struct Intent: Sendable, Equatable {
    var id: ID<Contracts.Intent>
    var appointment: ID<Appointment>
    var patient: ID<Patient>
    var kind: Kind
    var channel: Channel
    var timing = Timing.atOnce
    var due: ZonedTime
    var startsAt: Date?
    var answers: Bool
    var plannedAt: Date
    /// Tries so far, this one not counted.
    var attempts: Int
    /// This try's own id: whoever holds another has lost the intent.
    var attempt: UUID
    /// It was handed to a provider before, and nobody knows how that ended.
    var mayBeSent: Bool
    var resends: Int
    /// Under which intent's id it was handed over, if it was: another's where one message told of several visits.
    var leader: ID<Contracts.Intent>?

    /// How long after one visit another begins that is told of in the same reminder.
    static let together: TimeInterval = 2 * 3_600
}
