internal import Contracts
internal import Foundation

/// The hours of the day in which people may be written to, by the clock where they live.
struct Window: Sendable {
    /// 09:00 to 21:00, FEATURES N3.
    static let usual = Window(opens: 9 * 60, closes: 21 * 60)

    /// Minutes after midnight. The window may reach past midnight: `closes` is then the smaller. At `closes` it is shut.
    let opens: Int
    let closes: Int

    func contains(_ instant: Date, in zone: TimeZone) -> Bool {
        let minute = WallClock(instant, in: zone).minuteOfDay
        return opens <= closes ? (opens..<closes).contains(minute) : minute >= opens || minute < closes
    }

    /// The first instant, `instant` or later, that is inside.
    func next(from instant: Date, in zone: TimeZone) -> Date {
        if contains(instant, in: zone) { return instant }
        let today = WallClock(instant, in: zone)
        let opening = today.instant(atMinute: opens, daysLater: 0)
        return opening > instant ? opening : today.instant(atMinute: opens, daysLater: 1)
    }
}

/// An instant as the clocks of a zone show it.
struct WallClock {
    private let calendar: Calendar
    private let instant: Date
    private let parts: DateComponents

    init(_ instant: Date, in zone: TimeZone) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        self.calendar = calendar
        self.instant = instant
        parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .weekday], from: instant)
    }

    var minuteOfDay: Int { hour * 60 + minute }
    var year: Int { parts.year ?? 0 }
    var month: Int { parts.month ?? 1 }
    var day: Int { parts.day ?? 1 }
    var hour: Int { parts.hour ?? 0 }
    var minute: Int { parts.minute ?? 0 }
    /// ISO: 1 Monday … 7 Sunday.
    var weekday: Int { ((parts.weekday ?? 1) + 5) % 7 + 1 }

    /// `2026-11-24T10:40`
    var text: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute))"
    }

    /// A wall time of this day or one near it. A time the clocks skip becomes the one as long after the gap began; of a repeated one, the first.
    func instant(atMinute minute: Int, daysLater days: Int) -> Date {
        // Noon exists on every day of every zone, so the day is found before the hour is.
        let noon = calendar.date(bySettingHour: 12, minute: 0, second: 0, of: instant) ?? instant
        let day = calendar.date(byAdding: .day, value: days, to: noon) ?? noon
        return calendar.date(bySettingHour: minute / 60, minute: minute % 60, second: 0, of: day) ?? day
    }
}

extension ZonedTime {
    init(_ instant: Date, in zone: TimeZone) {
        self.init(instant, local: WallClock(instant, in: zone).text, zone: zone.identifier)
    }
}
