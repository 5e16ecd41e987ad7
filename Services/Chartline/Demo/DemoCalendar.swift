import Foundation

/// Days and times of the demo clinic, counted back from today.
struct DemoCalendar {
    let calendar: Calendar
    let today: Date
    let year: Int

    init(today: Date) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: "America/Chicago") ?? .gmt
        self.calendar = calendar
        self.today = calendar.startOfDay(for: today)
        year = calendar.component(.year, from: today)
    }

    /// FHIR date.
    func date(daysAgo: Int) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: day(daysAgo))
        return Self.join(parts)
    }

    /// FHIR dateTime in the clinic's zone with its offset on that day.
    func time(daysAgo: Int, minute: Int) -> String {
        let midnight = day(daysAgo)
        // Minutes on the clock: adding them to midnight would be an hour off on the days clocks change.
        let instant = calendar.date(bySettingHour: minute / 60 % 24, minute: minute % 60, second: 0, of: midnight) ?? midnight
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: instant)
        let offset = calendar.timeZone.secondsFromGMT(for: instant) / 60
        let sign = offset < 0 ? "-" : "+"
        return Self.join(parts) + "T\(Self.pad(parts.hour)):\(Self.pad(parts.minute)):00"
            + "\(sign)\(Self.pad(abs(offset) / 60)):\(Self.pad(abs(offset) % 60))"
    }

    /// The same day or the nearest weekday before it.
    func weekday(daysAgo: Int) -> Int {
        let weekday = calendar.component(.weekday, from: day(daysAgo))
        return weekday == 1 ? daysAgo + 2 : weekday == 7 ? daysAgo + 1 : daysAgo
    }

    /// Days from a FHIR date to today.
    func daysAgo(_ date: String) -> Int {
        let parts = date.split(separator: "-").compactMap { Int($0) }
        guard parts.count == 3, let then = calendar.date(from: DateComponents(year: parts[0], month: parts[1], day: parts[2])) else { return 0 }
        return calendar.dateComponents([.day], from: then, to: today).day ?? 0
    }

    private func day(_ daysAgo: Int) -> Date {
        calendar.date(byAdding: .day, value: -daysAgo, to: today) ?? today
    }

    private static func join(_ parts: DateComponents) -> String {
        let year = String(parts.year ?? 0)
        return String(repeating: "0", count: max(0, 4 - year.count)) + year + "-\(pad(parts.month))-\(pad(parts.day))"
    }

    private static func pad(_ number: Int?) -> String {
        let text = String(number ?? 0)
        return text.count < 2 ? "0" + text : text
    }
}
