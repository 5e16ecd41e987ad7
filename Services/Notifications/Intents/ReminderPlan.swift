internal import Contracts
internal import Foundation

/// When a reminder goes out: at 10:00 of the day before, by the clock where the patient lives; for a visit less than 26 hours ahead, two hours
/// before, if that is still to come and people may be written to then; else not at all, and the row says why.
struct ReminderPlan: Equatable, Sendable {
    private static let shortNotice: TimeInterval = 26 * 3_600
    private static let dayBeforeMinute = 10 * 60

    var timing: Timing
    var due: ZonedTime
    /// Nil when it is to be sent.
    var suppressed: Reason?

    init(startsAt start: Date, patientZone zone: TimeZone, now: Date, window: Window = .usual) {
        let dayBefore = WallClock(start, in: zone).instant(atMinute: Self.dayBeforeMinute, daysLater: -1)
        if start.timeIntervalSince(now) >= Self.shortNotice, dayBefore >= now {
            (timing, due, suppressed) = (.dayBefore, ZonedTime(dayBefore, in: zone), nil)
            return
        }
        let twoHoursBefore = start.addingTimeInterval(-2 * 3_600)
        (timing, due) = (.twoHoursBefore, ZonedTime(twoHoursBefore, in: zone))
        suppressed =
            if start <= now { .past } else if twoHoursBefore <= now { .tooSoon } else if !window.contains(twoHoursBefore, in: zone) {
                .outsideHours
            } else { nil }
    }
}
