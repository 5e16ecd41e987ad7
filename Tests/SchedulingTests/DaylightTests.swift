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
    /// finds wall times by going through the instants one minute at a time. Of every zone there is in the long run, those that are alike on every day
    /// once; of some, two of them drawn, else.
    @Test func noTimeIsLostOrOverlapsAtAnyChange() async throws {
        var known = TimeZone.knownTimeZoneIdentifiers.filter { $0.contains("/") }
        if !isLong { known = ["America/Chicago", "Europe/Dublin", "Australia/Lord_Howe", "America/Havana"] + known.shuffled().prefix(2) }
        var (seen, checked, disputed) = (Set<[Int]>(), 0, Set<String>())
        try await Clinic.open { open in
            for name in known {
                let (zone, clinic) = (try #require(TimeZone(identifier: name)), Clinic(test: open.test, zone: name))
                // What is not the same zone to both has no hours: the service ends over it.
                guard try await agrees(zone, clinic) else {
                    disputed.insert(name)
                    continue
                }
                let changes = changes(of: zone)
                let alike = ([Date(timeIntervalSince1970: Double(Self.span.lowerBound))] + changes).flatMap {
                    [Int($0.timeIntervalSince1970), zone.secondsFromGMT(for: $0)]
                }
                guard seen.insert(alike).inserted else { continue }
                for change in changes {
                    try await check(change, zone, clinic)
                    checked += 1
                }
            }
        }
        print("\(checked) changes, \(seen.count) zones of \(known.count) that differ; in dispute: \(disputed.sorted())")
        #expect(checked > (isLong ? 1_000 : 100))
        #expect(disputed.count * 20 <= known.count * (isLong ? 1 : 10), "\(disputed.sorted())")
    }

    private func check(_ change: Date, _ zone: TimeZone, _ clinic: Clinic) async throws {
        let minutes = [5, 10, 15, 20, 30, 40, 45, 50, 60, 90, 120].randomElement() ?? 30
        let opens = Int.random(in: 0...20) * 15
        let closes = Int.random(in: opens / 15 + 1...96) * 15
        // The day of the change and its neighbours: at midnight it is two days that are affected.
        let days = Minutes(around: change, zone: zone)
        let expected = days.offers(opens: opens, closes: closes, length: minutes).map { Offer(wall: $0.wall, start: $0.start, end: $0.end) }
        let found = try await offers(clinic, clock(opens), clock(closes), minutes: minutes, on: days.first, days: 3)
        #expect(found == expected, "\(zone.identifier) \(change) \(clock(opens))–\(clock(closes)) every \(minutes)")
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.end <= $1.start })
    }

    private static let span = 1_577_836_800..<2_082_672_000  // 2020 to 2035

    /// Every change of the distance from UTC, whether for the summer or for good, to the minute.
    private func changes(of zone: TimeZone) -> [Date] {
        func ahead(_ second: Int) -> Int { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))) }
        return stride(from: Self.span.lowerBound, to: Self.span.upperBound, by: 86_400).compactMap { day in
            var (before, after) = (day, day + 86_400)
            guard ahead(before) != ahead(after) else { return nil }
            while after - before > 60 {
                let middle = (before + after) / 120 * 60
                if ahead(middle) == ahead(before) { before = middle } else { after = middle }
            }
            return Date(timeIntervalSince1970: Double(after))
        }
    }

    /// Whether the database shows the same clocks on every day.
    private func agrees(_ zone: TimeZone, _ clinic: Clinic) async throws -> Bool {
        try await clinic.test.pool.asWorker(of: "scheduling") { tx in
            guard try await isKnown(zone: zone.identifier, tx) else { return false }
            let offsets = try await tx.all(
                """
                SELECT t, extract(epoch FROM t AT TIME ZONE \(zone.identifier) - t AT TIME ZONE 'UTC')::int
                FROM generate_series(to_timestamp(\(Self.span.lowerBound)), to_timestamp(\(Self.span.upperBound)), interval '1 day') t
                """, as: Date.self, Int.self)
            return offsets.allSatisfy { zone.secondsFromGMT(for: $0) == $1 }
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
    private var instants: [Int: [Int: Date]] = [:]
    /// Counted from 1970.
    private let days: [Int]

    init(around change: Date, zone: TimeZone) {
        self.zone = zone
        let before = Self.wall(change.addingTimeInterval(-86_400), zone).day
        var instant = change.addingTimeInterval(-86_400 * 3)
        while instant < change.addingTimeInterval(86_400 * 3) {
            let (day, minute) = Self.wall(instant, zone)
            if instants[day]?[minute] == nil { instants[day, default: [:]][minute] = instant }
            instant.addTimeInterval(60)
        }
        // Where the date line moves, a day may be one nobody has.
        days = Array(before..<before + 3)
        first = Self.text(before)
    }

    private static func wall(_ instant: Date, _ zone: TimeZone) -> (day: Int, minute: Int) {
        let local = Int(instant.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: instant)
        return (local / 86_400, local % 86_400 / 60)
    }

    private static func text(_ day: Int) -> String {
        Date(timeIntervalSince1970: Double(day * 86_400)).formatted(.iso8601.year().month().day())
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
                offers.append(("\(Self.text(day))T\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)", start, end))
            }
            return offers
        }
    }
}
