import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

@Suite struct AvailabilityTests {
    @Test func aDayHasTheTimesItsHoursSay() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            #expect(openings.count == 24)
            #expect(openings.first?.start.local == "\(clinic.day(3))T08:00")
            #expect(openings.last?.end.local == "\(clinic.day(3))T17:00")
            #expect(openings.allSatisfy { $0.start.zone == "America/Chicago" && $0.end.instant.timeIntervalSince($0.start.instant) == 1_200 })
            let limited = try await clinic.bus.ask(
                FindOpenings(service: "office-visit", fromDay: clinic.day(3), days: 1, limit: 5), as: clinic.keys.patient(.init()))
            #expect(limited.more && limited.openings == Array(openings.prefix(5)) && limited.services == [Clinic.service])
            #expect(try await clinic.openings(of: practitioner, from: "2026-02-30").isEmpty)
        }
    }

    @Test func aLaterPublicationTakesOverFromItsFirstDay() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let hours = (1...7).map { WeeklyHours(weekday: $0, from: "09:00", until: "10:00") }
            let command = clinic.publication(practitioner, hours: hours, from: clinic.day(4), until: clinic.day(6))
            let token = try await clinic.keys.operator()
            for _ in 0..<2 { #expect(try await clinic.bus.request(command, as: token).reply != nil) }
            var counts: [Int] = []
            for day in 3...7 { counts.append(try await clinic.openings(of: practitioner, from: clinic.day(day), days: 1).count) }
            #expect(counts == [24, 3, 3, 3, 0])
        }
    }

    @Test func publicationsAtOnceEndAsOne() async throws {
        try await Clinic.open { clinic in
            let practitioner = ID<Practitioner>()
            let token = try await clinic.keys.operator()
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await clinic.bus.request(clinic.publication(practitioner), as: token, within: .seconds(10)).reply != nil }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(done == Array(repeating: true, count: 8))
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1).count == 24)
        }
    }

    @Test func whatCannotBePublishedIsRefused() async throws {
        try await Clinic.open { clinic in
            let token = try await clinic.keys.operator()
            func refusal(_ change: (inout PublishAvailability) -> Void) async throws -> AvailabilityRefusal? {
                var command = clinic.publication(.init())
                change(&command)
                return try await clinic.bus.request(command, as: token).refusal
            }
            for zone in ["Mars/Olympus", "", "CST6CDT4", "posix/America/Chicago", "America/chicago'"] {
                #expect(try await refusal { $0.zone = zone } == .unknownZone)
            }
            #expect(try await refusal { $0.from = "2026-02-29" } == .invalidDays)
            #expect(try await refusal { $0.until = "2020-01-01" } == .invalidDays)
            for (from, until) in [("9:00", "12:00"), ("12:00", "09:00"), ("09:00", "24:01"), ("09:00", "09:00"), ("aa:bb", "12:00")] {
                #expect(try await refusal { $0.weekly = [WeeklyHours(weekday: 1, from: from, until: until)] } == .invalidHours)
            }
            #expect(try await refusal { $0.weekly = [WeeklyHours(weekday: 8, from: "09:00", until: "10:00")] } == .invalidHours)
            #expect(
                try await refusal {
                    $0.weekly = [WeeklyHours(weekday: 1, from: "09:00", until: "10:00"), WeeklyHours(weekday: 1, from: "09:30", until: "11:00")]
                } == .invalidHours)
            #expect(try await refusal { $0.services = [VisitService(code: "x", name: ["en": "X"], minutes: 0)] } == .invalidServices)
            #expect(try await refusal { $0.services = [] } == .invalidServices)
            await #expect(throws: BusError.notAllowed) {
                try await clinic.bus.request(clinic.publication(.init()), as: clinic.keys.patient(.init()))
            }
            #expect(try await clinic.openings().isEmpty)
        }
    }

    @Test func leaveIsNotOffered() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let away = openings[2]
            let pool = clinic.test.database.pool(clinic.test.database.owner)
            try await pool.run(
                """
                INSERT INTO leave (practitioner, period) VALUES (\(practitioner.uuid), tstzrange(\(away.start.instant), \(away.end.instant)))
                """)
            await pool.close()
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1) == openings.filter { $0 != away })
            guard case .refused(.notOffered) = try await clinic.book(away) else { throw Unexpected("booked during leave") }
        }
    }

    @Test func twentyCliniciansAndAMonthAreFoundQuickly() async throws {
        try await Clinic.open { clinic in
            for _ in 0..<20 { _ = try await clinic.practitioner() }
            let pool = clinic.test.database.pool(clinic.test.database.superuser)
            try await pool.run([
                "UPDATE publication SET valid = valid + daterange(current_date - 200, current_date + 60)",
                """
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
                SELECT gen_random_uuid(), 1, 'booked', gen_random_uuid(), practitioner, location, 'office-visit', start_at, end_at, wall, zone, true
                FROM offered('office-visit', NULL, NULL, current_date - 150, 210) WHERE hashtext(wall::text || practitioner) % 3 <> 0
                ORDER BY start_at DESC LIMIT 60000
                """,
            ])
            // In parts: each statement has its time, on a busy machine too.
            for part in 0..<8 {
                try await pool.run(
                    """
                    INSERT INTO resource_time (appointment, resource, period) SELECT id, practitioner, tstzrange(start_at, end_at) FROM appointment
                    WHERE abs(hashtext(id::text)) % 8 = \(part)::int
                    """)
            }
            try await pool.run("ANALYZE")
            #expect(try await pool.first("SELECT count(*) FROM appointment", as: Int.self) == 60_000)
            await pool.close()
            var slowest = Duration.zero
            for _ in 0..<20 {
                let started = ContinuousClock.now
                #expect(try await clinic.openings(days: 30).count == 200)
                slowest = max(slowest, .now - started)
            }
            #expect(slowest < .milliseconds(300))
        }
    }
}
