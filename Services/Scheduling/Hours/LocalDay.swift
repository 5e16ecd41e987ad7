internal import Foundation

/// A day of the calendar, as it was written: `2026-11-24`.
struct LocalDay: Comparable {
    let text: String

    /// Nil when there is no such day.
    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ (48...57).contains($0) || $0 == 45 }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]), (1900...2200).contains(year)
        else { return nil }
        let components = DateComponents(year: year, month: month, day: day)
        guard components.isValidDate(in: Calendar(identifier: .gregorian)) else { return nil }
        self.text = text
    }

    static func < (a: Self, b: Self) -> Bool { a.text < b.text }
}

/// A time of day, `09:00`; a day ends at `24:00`.
struct WallTime: Comparable {
    let minutes: Int

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [2, 2], text.utf8.allSatisfy({ (48...58).contains($0) }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 24 * 60
        else { return nil }
        minutes = hour * 60 + minute
    }

    static func < (a: Self, b: Self) -> Bool { a.minutes < b.minutes }
}
