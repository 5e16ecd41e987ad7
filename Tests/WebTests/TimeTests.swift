import Foundation
import Testing
@testable import Web

@Suite struct TimeTests {
    let english: Wording
    let spanish: Wording

    init() throws {
        let texts = try Texts(folders: [])
        english = texts.wording(in: .english)
        spanish = texts.wording(in: .spanish)
    }

    static func instant(_ iso: String) throws -> Date { try Date(iso, strategy: .iso8601) }

    @Test(arguments: [
        ("2026-11-25T15:20:00Z", "America/Chicago", "Wednesday 25 November 2026, 9:20 am Chicago time",
            "miércoles 25 de noviembre de 2026, 9:20 a. m., hora de Chicago"),
        ("2026-07-01T16:05:00Z", "America/New_York", "Wednesday 1 July 2026, 12:05 pm New York time",
            "miércoles 1 de julio de 2026, 12:05 p. m., hora de Nueva York"),
        ("2026-12-31T18:35:00Z", "Asia/Kathmandu", "Friday 1 January 2027, 12:20 am Kathmandu time",
            "viernes 1 de enero de 2027, 12:20 a. m., hora de Kathmandu"),
        // The spring gap in Chicago: 1:59 is followed by 3:00.
        ("2026-03-08T07:59:00Z", "America/Chicago", "Sunday 8 March 2026, 1:59 am Chicago time",
            "domingo 8 de marzo de 2026, 1:59 a. m., hora de Chicago"),
        ("2026-03-08T08:00:00Z", "America/Chicago", "Sunday 8 March 2026, 3:00 am Chicago time",
            "domingo 8 de marzo de 2026, 3:00 a. m., hora de Chicago"),
        // The hour that comes twice in autumn.
        ("2026-11-01T06:30:00Z", "America/Chicago", "Sunday 1 November 2026, 1:30 am Chicago time, before the clocks go back",
            "domingo 1 de noviembre de 2026, 1:30 a. m., hora de Chicago, antes de atrasar los relojes"),
        ("2026-11-01T07:30:00Z", "America/Chicago", "Sunday 1 November 2026, 1:30 am Chicago time, after the clocks go back",
            "domingo 1 de noviembre de 2026, 1:30 a. m., hora de Chicago, después de atrasar los relojes"),
        ("2026-11-01T08:00:00Z", "America/Chicago", "Sunday 1 November 2026, 2:00 am Chicago time",
            "domingo 1 de noviembre de 2026, 2:00 a. m., hora de Chicago"),
        // Half an hour of daylight saving.
        ("2026-04-04T15:15:00Z", "Australia/Lord_Howe", "Sunday 5 April 2026, 1:45 am Lord Howe time, after the clocks go back",
            "domingo 5 de abril de 2026, 1:45 a. m., hora de Lord Howe, después de atrasar los relojes"),
    ])
    func timesCarryTheirZonesName(_ iso: String, _ zone: String, _ inEnglish: String, _ inSpanish: String) throws {
        let moment = Moment(try Self.instant(iso), in: try #require(Zone(zone)))
        #expect(english.dateAndTime(moment, .full).markup == inEnglish)
        #expect(spanish.dateAndTime(moment, .full).markup == inSpanish)
    }

    @Test func thereIsNoDefaultZone() {
        for name in ["", "CST", "GMT+3", "Nowhere/Land", "America", "../etc/passwd"] { #expect(Zone(name) == nil, "\(name)") }
    }

    @Test func todayIsTheDayOfThePlace() throws {
        let chicago = try #require(Zone("America/Chicago"))
        // 11 pm on the 24th in Chicago, already the 25th in UTC.
        let now = Moment(try Self.instant("2026-11-25T05:00:00Z"), in: chicago)
        func near(_ iso: String) throws -> String { english.nearDate(Moment(try Self.instant(iso), in: chicago), from: now).markup }
        #expect(try near("2026-11-24T20:30:00Z") == "today")
        #expect(try near("2026-11-25T15:00:00Z") == "tomorrow")
        #expect(try near("2026-11-23T15:00:00Z") == "yesterday")
        #expect(try near("2026-11-27T15:00:00Z") == "Friday 27 November")
        #expect(try near("2027-01-14T15:00:00Z") == "Thursday 14 January 2027")
    }

    @Test func datesAreAsPreciseAsTheyAreKnown() throws {
        #expect(english.date(try #require(Day("1961-03-14")), .long).markup == "14 March 1961")
        #expect(spanish.date(try #require(Day("1961-03-14")), .long).markup == "14 de marzo de 1961")
        #expect(english.date(try #require(Day("2014-05")), .long).markup == "May 2014")
        #expect(english.date(try #require(Day("2014")), .short).markup == "2014")
        for wrong in ["", "14", "2014-5", "2014-13", "2014-02-30", "2023-02-29", "0000-01-01", "2014-05-1 ", "-014", "2014-05-17T10:00"] {
            #expect(Day(wrong) == nil, "\(wrong)")
        }
    }

    @Test func civilDaysGoThereAndBack() throws {
        for days in stride(from: -200_000, through: 200_000, by: 37) {
            let day = Day(daysSince1970: days)
            #expect(day.daysSince1970 == days)
            #expect(Day(day.iso) == day)
        }
        #expect(Day(daysSince1970: 0).iso == "1970-01-01")
        #expect(try #require(Day("2026-11-20")).weekday == 4)
    }

    @Test func ageCountsBirthdays() throws {
        let born = try #require(Day("1961-03-14"))
        #expect(born.years(until: try #require(Day("2026-03-13"))) == 64)
        #expect(born.years(until: try #require(Day("2026-03-14"))) == 65)
        #expect(born.years(until: try #require(Day("1950-01-01"))) == nil)
    }
}
