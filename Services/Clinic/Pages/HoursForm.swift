import Contracts
import Web

/// What was typed for the hours of a clinician at a place.
struct HoursForm: Sendable {
    var zone = ""
    /// Monday first: `09:00-12:30, 13:00-17:00`.
    var days: [String]
    var services: Set<String> = []
    var from = ""
    var until = ""
    var notice = "60"
    /// Of how many visits outside the hours the page said.
    var outside = 0

    /// As they are, to be changed from today on; where there are none, a year of nothing.
    init(_ hours: Hours?, today: Day, zone: String) {
        days = (1...7).map { weekday in Self.text(hours?.weekly ?? [], of: weekday) }
        from = today.iso
        self.zone = hours?.zone ?? zone
        until = hours.map { max($0.until, today.iso) } ?? Day(daysSince1970: (today.daysSince1970 ?? 0) + 365).iso
        if let hours { (services, notice) = (Set(hours.services), "\(hours.minimumNoticeMinutes)") }
    }

    init(_ form: FormData) {
        days = (1...7).map { form.trimmed("day-\($0)") }
        services = Set(form.all("service"))
        (zone, from, until, notice) = (form.trimmed("zone"), form.trimmed("from"), form.trimmed("until"), form.trimmed("notice"))
        outside = form.number("outside") ?? 0
    }

    static func text(_ weekly: [WeeklyHours], of weekday: Int) -> String {
        weekly.filter { $0.weekday == weekday }.map { "\($0.from)-\($0.until)" }.joined(separator: ", ")
    }

    /// Names of the fields that cannot be read.
    var problems: [String] {
        let wrong = days.indices.filter { Self.blocks(days[$0], weekday: $0 + 1) == nil }.map { "day-\($0 + 1)" }
        let dates = [("from", from), ("until", until)].filter { Day(typed: $0.1) == nil }.map(\.0)
        let isNumber = Int(notice).map { (0...60 * 24 * 30).contains($0) } ?? false
        return wrong + dates + (isNumber ? [] : ["notice"]) + (services.isEmpty ? ["service"] : [])
    }

    /// Nil where something cannot be read.
    var hours: Hours? {
        guard problems.isEmpty, let first = Day(typed: from), let last = Day(typed: until), let minutes = Int(notice) else { return nil }
        let weekly = days.indices.flatMap { Self.blocks(days[$0], weekday: $0 + 1) ?? [] }
        return Hours(
            zone: zone, services: services.sorted(), weekly: weekly, from: first.iso, until: last.iso, minimumNoticeMinutes: minutes)
    }

    /// Blocks of a day, one after the other; none where nobody is seen. Nil for what is no time of day, or where one does not come after the other.
    static func blocks(_ text: String, weekday: Int) -> [WeeklyHours]? {
        var blocks: [WeeklyHours] = []
        for block in text.split(separator: ",") {
            let times = block.split { $0 == "-" || $0 == "–" }.map { wallTime($0.filter { $0 != " " }) }
            guard times.count == 2, let from = times[0], let until = times[1], from < until, blocks.last.map({ $0.until <= from }) ?? true else {
                return nil
            }
            blocks.append(WeeklyHours(weekday: weekday, from: from, until: until))
        }
        return blocks
    }

    /// `9:00` as `09:00`; a day ends at 24:00.
    private static func wallTime(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 24 * 60
        else { return nil }
        return "\(hour < 10 ? "0" : "")\(hour):\(parts[1])"
    }
}
