internal import Contracts
internal import Foundation

/// When one reminder of a visit would go out, by the clock where the patient lives: a week before and the day before at 10:00, and two hours before.
struct ReminderPlan: Equatable, Sendable {
    /// Every rule there is, the earliest first.
    static let ladder: [Timing] = [.weekBefore, .dayBefore, .twoHoursBefore]
    /// What a kind of visit has whose rules nobody has set.
    static let usual: [Timing] = [.dayBefore]

    private static let morning = 10 * 60
    /// A reminder comes later than the booking by so much at least: what somebody has just booked they know.
    private static let shortNotice: TimeInterval = 26 * 3_600

    var timing: Timing
    var due: ZonedTime
    /// Nil when its time is still to come.
    var suppressed: Reason?

    /// - Parameters:
    ///   - timing: one of the ladder.
    ///   - booked: nil for now.
    init(_ timing: Timing, startsAt start: Date, patientZone zone: TimeZone, now: Date, booked: Date? = nil, window: Window = .usual) {
        let due = Self.due(timing, start, zone)
        (self.timing, self.due) = (timing, ZonedTime(due, in: zone))
        suppressed =
            if start <= now { .past } else if due <= now || Self.isMissed(timing, start, zone, booked: booked ?? now) { .tooSoon } else if
                !window.contains(due, in: zone)
            { .outsideHours } else { nil }
    }

    /// Whether a kind of visit with these rules has this one: it is among them; or the booking came later than all of them, and this is the next.
    static func applies(_ timing: Timing, of rules: [Timing], startsAt start: Date, zone: TimeZone, booked: Date) -> Bool {
        if rules.contains(timing) { return true }
        guard !rules.isEmpty, rules.allSatisfy({ isMissed($0, start, zone, booked: booked) }) else { return false }
        return ladder.first { !isMissed($0, start, zone, booked: booked) } == timing
    }

    private static func isMissed(_ timing: Timing, _ start: Date, _ zone: TimeZone, booked: Date) -> Bool {
        let due = due(timing, start, zone)
        return timing == .dayBefore ? due < booked || start.timeIntervalSince(booked) < shortNotice : due <= booked
    }

    private static func due(_ timing: Timing, _ start: Date, _ zone: TimeZone) -> Date {
        switch timing {
        case .weekBefore: WallClock(start, in: zone).instant(atMinute: morning, daysLater: -7)
        case .dayBefore: WallClock(start, in: zone).instant(atMinute: morning, daysLater: -1)
        case .twoHoursBefore, .atOnce: start.addingTimeInterval(-2 * 3_600)
        }
    }
}
