public import Foundation

/// A FHIR `date`, `dateTime` or `instant`: a time as exactly as it is known, from a year to a fraction of a second.
///
/// Years 0001 to 9999; month and day must exist; a time of day needs seconds and an offset; second 60 is taken as the grammar has it.
public struct FHIRDate: Sendable, Equatable {
    public enum Precision: Int, Sendable, Comparable {
        case year, month, day, second, fraction

        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    public let precision: Precision
    public let year: Int
    /// 1 if not known.
    public let month: Int
    /// 1 if not known.
    public let day: Int
    private let secondOfDay: Int
    private let nanoseconds: Int
    private let fractionDigits: Int
    /// Seconds east of UTC; nil without a time of day.
    public let offset: Int?

    /// - Parameter text: any of the three forms.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(4), year > 0 else { return nil }
        var (month, day, precision) = (1, 1, Precision.year)
        var clock: DigitReader.Clock?
        var offset: Int?
        if !reader.isAtEnd {
            guard reader.take("-"), let number = reader.number(2), (1...12).contains(number) else { return nil }
            (month, precision) = (number, .month)
        }
        if !reader.isAtEnd {
            guard reader.take("-"), let number = reader.number(2), number >= 1, number <= Self.days(in: month, of: year) else { return nil }
            (day, precision) = (number, .day)
        }
        if !reader.isAtEnd {
            guard reader.take("T"), let time = reader.clock(), let east = reader.offset(), reader.isAtEnd else { return nil }
            (clock, offset, precision) = (time, east, time.digits > 0 ? .fraction : .second)
        }
        (self.year, self.month, self.day, self.precision, self.offset) = (year, month, day, precision, offset)
        secondOfDay = clock.map { $0.hour * 3600 + $0.minute * 60 + $0.second } ?? 0
        nanoseconds = clock?.nanoseconds ?? 0
        fractionDigits = min(9, clock?.digits ?? 0)
    }

    /// The first moment it can be, and the first moment after: a year, a month, a day, a second or the last digit of its fraction.
    /// - Parameter zone: where a date without time of day was a day.
    public func range(in zone: TimeZone) -> Range<Date> {
        let first = Self.dayNumber(year, month, day)
        guard let offset else {
            let next: Int =
                switch precision {
                case .year: Self.dayNumber(year + 1, 1, 1)
                case .month: month == 12 ? Self.dayNumber(year + 1, 1, 1) : Self.dayNumber(year, month + 1, 1)
                default: first + 1
                }
            let start = Self.midnight(first, in: zone)
            return start..<max(start, Self.midnight(next, in: zone))
        }
        let start = Double(first * 86_400 + secondOfDay - offset) + Double(nanoseconds) / 1e9
        let width = precision == .second ? 1 : Self.fractionWidths[fractionDigits]
        return Date(timeIntervalSince1970: start)..<Date(timeIntervalSince1970: start + width)
    }

    /// The first moment it can be, dates taken as days in UTC.
    public var start: Date { range(in: .gmt).lowerBound }

    private static let fractionWidths: [Double] = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-6, 1e-6, 1e-6]

    // MARK: Forms

    /// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    public static func isDate(_ text: String) -> Bool {
        guard let date = FHIRDate(text) else { return false }
        return date.offset == nil
    }

    public static func isDateTime(_ text: String) -> Bool { FHIRDate(text) != nil }

    /// To the second at least, with an offset.
    public static func isInstant(_ text: String) -> Bool {
        guard let date = FHIRDate(text) else { return false }
        return date.offset != nil
    }

    // MARK: Calendar

    static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar. Years begin in March, so that the leap day is the last.
    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func midnight(_ day: Int, in zone: TimeZone) -> Date {
        let local = Double(day * 86_400)
        guard zone != .gmt else { return Date(timeIntervalSince1970: local) }
        // The offset at UTC midnight may be that of the other side of a change; asking again at the first answer settles it.
        let guess = Date(timeIntervalSince1970: local - Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: local))))
        return Date(timeIntervalSince1970: local - Double(zone.secondsFromGMT(for: guess)))
    }
}
