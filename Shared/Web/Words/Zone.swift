public import Contracts
public import Foundation

/// A time zone of the IANA data base. There is no default one: every time on a page belongs to a place.
public struct Zone: Sendable, Hashable {
    /// The IANA name, for instance `America/Chicago`.
    public let name: String
    private let timeZone: TimeZone

    /// - Returns: nil when the zone data does not know the name. Abbreviations ("CST") and offsets are no zones.
    public init?(_ name: String) {
        guard name == "UTC" || name.contains("/"), let timeZone = TimeZone(identifier: name) else { return nil }
        self.name = name
        self.timeZone = timeZone
    }

    private init(utc: Void) {
        name = "UTC"
        timeZone = .gmt
    }

    /// Of a clinic that is not set up yet, whose pages show no time.
    static let beforeSetUp = Zone(utc: ())

    /// Seconds to add to UTC at an instant.
    public func offset(at instant: Date) -> Int { timeZone.secondsFromGMT(for: instant) }

    /// When the wall clock begins this day, or the one so many days later; nil unless the whole date is known.
    public func start(of day: Day, later days: Int = 0) -> Date? {
        guard let number = day.daysSince1970 else { return nil }
        let wall = Double(number + days) * 86_400
        // Where the clocks are put forward at midnight the day begins an hour later.
        let guess = Date(timeIntervalSince1970: wall - Double(offset(at: Date(timeIntervalSince1970: wall))))
        return Date(timeIntervalSince1970: wall - Double(offset(at: guess)))
    }

    /// The place a zone is named after: `America/New_York` → "New York".
    var city: String {
        (name.split(separator: "/").last.map(String.init) ?? name).replacing("_", with: " ")
    }
}

/// An instant together with the zone it is told in.
public struct Moment: Sendable, Hashable {
    public var instant: Date
    public var zone: Zone

    public init(_ instant: Date, in zone: Zone) {
        self.instant = instant
        self.zone = zone
    }

    /// A time as it was agreed; nil when its zone is unknown here.
    public init?(_ agreed: ZonedTime) {
        guard let zone = Zone(agreed.zone) else { return nil }
        self.init(agreed.instant, in: zone)
    }

    /// The day the wall calendar shows.
    public var day: Day {
        Day(daysSince1970: Int((wallSeconds / 86_400).rounded(.down)))
    }

    /// Minutes since midnight on the wall clock, 0 …< 1440.
    public var minuteOfDay: Int {
        let seconds = wallSeconds - (wallSeconds / 86_400).rounded(.down) * 86_400
        return Int(seconds) / 60
    }

    /// Whether the clocks are about to repeat this wall time, have just repeated it, or neither.
    var repetition: Repetition {
        let here = zone.offset(at: instant)
        for shift in [1_800, 3_600, 7_200] {
            if here - zone.offset(at: instant + Double(shift)) == shift { return .first }
            if zone.offset(at: instant - Double(shift)) - here == shift { return .second }
        }
        return .none
    }

    enum Repetition { case none, first, second }

    private var wallSeconds: Double { instant.timeIntervalSince1970 + Double(zone.offset(at: instant)) }
}

/// A calendar day, or the part of one that is known: a year, a month, a day (proleptic Gregorian, as FHIR's `date`).
public struct Day: Sendable, Hashable {
    public let year: Int
    public let month: Int?
    public let day: Int?

    /// Reads `2014`, `2014-05` or `2014-05-17`; nil for anything else, and for a day that does not exist.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let widths = [4, 2, 2]
        guard (1...3).contains(parts.count),
            zip(parts, widths).allSatisfy({ $0.utf8.count == $1 && $0.utf8.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard let year = numbers.first, year > 0 else { return nil }
        let month = numbers.dropFirst().first
        let day = numbers.dropFirst(2).first
        if let month, !(1...12).contains(month) { return nil }
        if let month, let day, !(1...Self.length(ofMonth: month, in: year)).contains(day) { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The date part of a FHIR `dateTime`, in the offset it was written with.
    public init?(dateTime: String) {
        self.init(String(dateTime.prefix { $0 != "T" }))
    }

    /// The day so many days after 1 January 1970 (before it when negative).
    public init(daysSince1970 days: Int) {
        // Years are counted from 1 March, so that the leap day is the last of its year.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        self.month = month
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    }

    /// Days after 1 January 1970; nil unless the whole date is known.
    public var daysSince1970: Int? {
        guard let month, let day else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// 0 = Monday … 6 = Sunday; nil unless the whole date is known.
    public var weekday: Int? {
        daysSince1970.map { (($0 + 3) % 7 + 7) % 7 }
    }

    /// Whole years from this day to a later one; nil when either is not known to the day, or when it would be negative.
    public func years(until later: Day) -> Int? {
        guard let month, let day, let laterMonth = later.month, let laterDay = later.day else { return nil }
        let years = later.year - year - ((laterMonth, laterDay) < (month, day) ? 1 : 0)
        return years >= 0 ? years : nil
    }

    /// `2014-05-17`, as far as it is known.
    public var iso: String {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return ([padded(year, 4)] + [month, day].compactMap { $0 }.map { padded($0, 2) }).joined(separator: "-")
    }

    static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
