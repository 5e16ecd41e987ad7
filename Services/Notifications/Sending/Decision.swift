internal import Contracts
internal import Faults
internal import Foundation

/// What is to become of an intent that is due, by what is true now.
enum Decision: Equatable, Sendable {
    case send(to: Contact, AppointmentLine)
    case superseded(Reason)
    case suppressed(Reason)
    /// Not now. - Parameter due: when it is due instead, if that changes what staff are told.
    case wait(until: Date, Reason, due: ZonedTime? = nil)

    /// How long somebody who has just done something waits for its answer, also at night.
    private static let answerTime: TimeInterval = 30 * 60
    /// A confirmation or cancellation that would come later than this before the visit goes out at night rather than too late.
    private static let latest: TimeInterval = 2 * 3_600

    /// - Parameter unwanted: why its reader does not want it.
    init(_ intent: Intent, _ line: AppointmentLine, _ contact: Contact, unwanted: Reason? = nil, now: Date, window: Window = .usual) {
        if let gone = Self.gone(intent, line, now: now) {
            self = gone
        } else if contact.practice == true, !Fault.practiceIsReal.isOn {
            self = .suppressed(.practice)
        } else if contact.deceased {
            self = .suppressed(.deceased)
        } else if (intent.channel == .email ? contact.email : contact.phone)?.isEmpty != false {
            self = .suppressed(.noContact)
        } else if let unwanted {
            self = .suppressed(unwanted)
        } else {
            self = Self.byTheClock(intent, line, contact, now, window)
        }
    }

    /// Whether the appointment is still what the intent speaks of; nil when it is.
    private static func gone(_ intent: Intent, _ line: AppointmentLine, now: Date) -> Decision? {
        switch (intent.kind, line.status) {
        case (.cancellation, "cancelled"), (.confirmation, "booked"), (.reminder, "booked"): break
        case (.cancellation, _): return .suppressed(.notCancelled)
        case (_, "cancelled"): return .superseded(.cancelled)
        case (_, "pending"): return .suppressed(.noAppointment)
        default: return .suppressed(.past)
        }
        // The instant, not the version: a change that leaves the time as it was leaves the message true.
        if let start = intent.startsAt, abs(start.timeIntervalSince(line.start.instant)) >= 1 { return .superseded(.moved) }
        return line.start.instant <= now ? .suppressed(.past) : nil
    }

    private static func byTheClock(_ intent: Intent, _ line: AppointmentLine, _ contact: Contact, _ now: Date, _ window: Window) -> Decision {
        let zone = contact.zone.flatMap { TimeZone(identifier: $0) } ?? TimeZone(identifier: line.start.zone) ?? .gmt
        let isAnswer = intent.answers && now.timeIntervalSince(intent.plannedAt) < answerTime
        if isAnswer || window.contains(now, in: zone) { return .send(to: contact, line) }
        let opening = window.next(from: now, in: zone)
        if intent.kind == .reminder {
            if opening >= line.start.instant { return .suppressed(.outsideHours) }
        } else if opening > line.start.instant.addingTimeInterval(-latest) {
            return .send(to: contact, line)
        }
        return .wait(until: opening, .quietHours, due: ZonedTime(opening, in: zone))
    }
}
