import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What the hours offer where clocks change.
@Suite struct DaylightTests {
    private struct Offer: Equatable {
        var wall: String
        var start: Date
        var end: Date
    }

    private func offers(_ clinic: Clinic, _ opens: String, _ closes: String, minutes: Int, on day: String, days: Int = 1) async throws -> [Offer] {
        let service = VisitService(code: "visit", name: ["en": "Visit"], minutes: minutes)
        let practitioner = ID<Practitioner>()
        let hours = (1...7).map { WeeklyHours(weekday: $0, from: opens, until: closes) }
        let command = clinic.publication(practitioner, hours: hours, from: "2019-01-01", until: "2036-12-31", service: service)
        _ = try await clinic.bus.request(command, as: clinic.keys.operator())
        return try await clinic.test.pool.asWorker(of: "scheduling") { tx in
            try await tx.all(
                """
                SELECT to_char(wall, 'YYYY-MM-DD"T"HH24:MI'), start_at, end_at
                FROM offered('visit', \(practitioner.uuid), NULL, \(day)::date, \(days)::int) ORDER BY start_at
                """, as: String.self, Date.self, Date.self
            ).map { Offer(wall: $0, start: $1, end: $2) }
        }
    }

    private func times(_ offers: [Offer]) -> [String] { offers.map { String($0.wall.suffix(5)) } }

    @Test func anHourThatIsSkippedIsNotOffered() async throws {
        try await Clinic.open(zone: "America/Chicago") { clinic in
            let offers = try await offers(clinic, "01:00", "04:00", minutes: 30, on: "2026-03-08")
            #expect(times(offers) == ["01:00", "01:30", "03:00", "03:30"])
            // 01:30 ends as 03:00 begins: nothing is between them.
            #expect(offers[1].end == offers[2].start)
        }
    }

    @Test func anHourShownTwiceIsOfferedOnceTheFirstTime() async throws {
        try await Clinic.open(zone: "America/Chicago") { clinic in
            let offers = try await offers(clinic, "00:00", "03:00", minutes: 30, on: "2026-11-01")
            #expect(times(offers) == ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30"])
            #expect(offers[3].start == ISO8601DateFormatter().date(from: "2026-11-01T06:30:00Z"))
            #expect(offers[4].start == ISO8601DateFormatter().date(from: "2026-11-01T08:00:00Z"))
        }
    }

    @Test func dublinsWinterTimeIsItsSavingTime() async throws {
        try await Clinic.open(zone: "Europe/Dublin") { clinic in
            #expect(times(try await offers(clinic, "00:30", "03:00", minutes: 30, on: "2026-03-29")) == ["00:30", "02:00", "02:30"])
            let autumn = try await offers(clinic, "00:30", "03:00", minutes: 30, on: "2026-10-25")
            #expect(times(autumn) == ["00:30", "01:00", "01:30", "02:00", "02:30"])
            #expect(autumn[1].start == ISO8601DateFormatter().date(from: "2026-10-25T00:00:00Z"))
        }
    }

    @Test func lordHoweChangesByHalfAnHour() async throws {
        try await Clinic.open(zone: "Australia/Lord_Howe") { clinic in
            #expect(
                times(try await offers(clinic, "01:00", "03:20", minutes: 20, on: "2026-10-04")) == ["01:00", "01:20", "01:40", "02:40", "03:00"])
            // 01:45 lasts until 02:45 by the clock, so 02:30 is left out.
            #expect(times(try await offers(clinic, "01:00", "04:00", minutes: 45, on: "2026-10-04")) == ["01:00", "01:45", "03:15"])
            let autumn = try await offers(clinic, "01:00", "03:00", minutes: 30, on: "2026-04-05")
            #expect(times(autumn) == ["01:00", "01:30", "02:00", "02:30"])
            #expect(autumn[2].start.timeIntervalSince(autumn[1].start) == 3_600)
        }
    }

    @Test func kathmanduNeverChanges() async throws {
        try await Clinic.open(zone: "Asia/Kathmandu") { clinic in
            let offers = try await offers(clinic, "09:00", "10:00", minutes: 30, on: "2026-03-29", days: 365)
            #expect(offers.count == 730)
            #expect(offers[0].start == ISO8601DateFormatter().date(from: "2026-03-29T03:15:00Z"))
        }
    }

    /// Days of 23, 24 and 25 hours, around every change of the clocks from 2020 to 2035, against a second computation of the same rule that
    /// finds wall times by going through the instants one minute at a time.
    @Test func noTimeIsLostOrOverlapsAtAnyChange() async throws {
        let zones =
            isLong
            ? [
                "America/Chicago", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana", "Africa/Casablanca", "Asia/Beirut", "America/Asuncion",
                "America/St_Johns", "Pacific/Chatham", "Antarctica/Troll", "Africa/Cairo", "Asia/Gaza",
            ] : ["America/Chicago", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana"]
        for name in zones {
            try await Clinic.open(zone: name) { clinic in
                let zone = try #require(TimeZone(identifier: name))
                var random = SystemRandomNumberGenerator()
                var instant = try #require(ISO8601DateFormatter().date(from: "2020-01-01T00:00:00Z"))
                let end = try #require(ISO8601DateFormatter().date(from: "2035-12-31T00:00:00Z"))
                var changes = 0
                while let change = zone.nextDaylightSavingTimeTransition(after: instant), change < end {
                    instant = change
                    changes += 1
                    let minutes = [5, 10, 15, 20, 30, 40, 45, 50, 60, 90, 120].randomElement(using: &random) ?? 30
                    let opens = Int.random(in: 0...20, using: &random) * 15
                    let closes = Int.random(in: opens / 15 + 1...96, using: &random) * 15
                    // The day of the change and its neighbours: at midnight it is two days that are affected.
                    let days = Minutes(around: change, zone: zone)
                    let expected = days.offers(opens: opens, closes: closes, length: minutes).map {
                        Offer(wall: $0.wall, start: $0.start, end: $0.end)
                    }
                    let found = try await offers(clinic, clock(opens), clock(closes), minutes: minutes, on: days.first, days: 3)
                    #expect(found == expected, "\(name) \(change) \(clock(opens))–\(clock(closes)) every \(minutes)")
                    #expect(zip(found, found.dropFirst()).allSatisfy { $0.end <= $1.start })
                }
                #expect(changes >= 28 || isLong)
            }
        }
    }

    private func clock(_ minutes: Int) -> String { "\(minutes / 60 < 10 ? "0" : "")\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)" }

    @Test func theDatabasesZonesAreOurs() async throws {
        try await Clinic.open { clinic in
            _ = try await clinic.practitioner()
            let disputed = try await clinic.test.pool.asWorker(of: "scheduling") { tx in try await zonesInDispute(tx) }
            #expect(disputed.isEmpty)
            // A zone only one of the two knows is in dispute.
            let pool = clinic.test.database.pool(clinic.test.database.owner)
            try await pool.run("UPDATE publication SET zone = 'posixrules'")
            await pool.close()
            let unknown = try await clinic.test.pool.asWorker(of: "scheduling") { tx in try await zonesInDispute(tx) }
            #expect(unknown == ["posixrules"])
        }
    }
}

/// Three local days around a change of the clocks, minute by minute.
private struct Minutes {
    let first: String
    private let zone: TimeZone
    /// The first instant that shows a wall time, by day and minute of the day.
    private var instants: [String: [Int: Date]] = [:]
    private var days: [String] = []

    init(around change: Date, zone: TimeZone) {
        self.zone = zone
        let before = Self.wall(change.addingTimeInterval(-86_400), zone).day
        var instant = change.addingTimeInterval(-86_400 * 3)
        while instant < change.addingTimeInterval(86_400 * 3) {
            let (day, minute) = Self.wall(instant, zone)
            if instants[day]?[minute] == nil { instants[day, default: [:]][minute] = instant }
            if !days.contains(day) { days.append(day) }
            instant.addTimeInterval(60)
        }
        days = Array(days.drop { $0 < before }.prefix(3))
        first = before
    }

    private static func wall(_ instant: Date, _ zone: TimeZone) -> (day: String, minute: Int) {
        let local = Int(instant.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: instant)
        let day = Date(timeIntervalSince1970: Double(local)).formatted(.iso8601.year().month().day())
        return (day, local % 86_400 / 60)
    }

    func offers(opens: Int, closes: Int, length: Int) -> [(wall: String, start: Date, end: Date)] {
        days.flatMap { day in
            var offers: [(wall: String, start: Date, end: Date)] = []
            var wall = opens
            while wall + length <= closes {
                defer { wall += length }
                guard let start = instants[day]?[wall] else { continue }
                let end = start.addingTimeInterval(Double(length) * 60)
                let (endDay, endMinute) = Self.wall(end, zone)
                let endWall = endDay == day ? endMinute : endDay > day ? endMinute + 1_440 : endMinute - 1_440
                if endWall > closes { continue }
                if let last = offers.last, last.end > start { continue }
                let (hour, minute) = (wall / 60, wall % 60)
                offers.append(("\(day)T\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)", start, end))
            }
            return offers
        }
    }
}
