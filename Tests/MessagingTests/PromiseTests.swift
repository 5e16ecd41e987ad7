import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Messaging

/// What is promised, by the pool's clocks, and who answers while somebody is away.
@Suite struct PromiseTests {
    private func promised(_ office: Office, at wall: String, pool: String = "care") async throws -> String? {
        try await office.sql(
            """
            SELECT to_char(promised_by(\(pool), \(wall)::timestamp AT TIME ZONE 'America/Chicago') AT TIME ZONE 'America/Chicago',
                'YYYY-MM-DD HH24:MI')
            """, as: String.self)
    }

    private func close(_ day: String, _ office: Office) async throws {
        try await office.test.hear(LeaveChanged(absence: .v7(), location: .init(), day: day), handler: "note-absence-on-leave-changed")
    }

    @Test func aBusinessDayIsCountedOverHoursWeekendsAndHolidays() async throws {
        try await Office.open { office in
            // Wednesday morning: a day of eight hours ends with the day; a minute later it is the next one.
            #expect(try await promised(office, at: "2026-11-18 09:00") == "2026-11-18 17:00")
            #expect(try await promised(office, at: "2026-11-18 09:01") == "2026-11-19 17:00")
            // Friday 16:59, and after closing: Monday.
            #expect(try await promised(office, at: "2026-11-20 16:59") == "2026-11-23 17:00")
            #expect(try await promised(office, at: "2026-11-20 17:01") == "2026-11-23 17:00")
            #expect(try await promised(office, at: "2026-11-21 12:00") == "2026-11-23 17:00")
            // A holiday is no business day.
            try await close("2026-11-23", office)
            #expect(try await promised(office, at: "2026-11-20 16:59") == "2026-11-24 17:00")
            try await close("2026-11-24", office)
            #expect(try await promised(office, at: "2026-11-22 12:00") == "2026-11-25 17:00")
        }
    }

    @Test func clocksThatChangeMoveNoPromise() async throws {
        try await Office.open { office in
            // Clocks go back on 1 November 2026 and ahead on 8 March 2026, both Sundays.
            #expect(try await promised(office, at: "2026-10-30 16:59") == "2026-11-02 17:00")
            #expect(try await promised(office, at: "2026-03-06 16:59") == "2026-03-09 17:00")
            // Where the pool works through that night, the day is as long as it is.
            try await office.run("UPDATE pool SET answer_minutes = 1441 WHERE code = 'desk'")
            try await office.run("DELETE FROM pool_hours WHERE pool = 'desk'")
            try await office.run(
                "INSERT INTO pool_hours (pool, weekday, opens, closes) SELECT 'desk', d, '0', '24 hours' FROM generate_series(1, 7) AS d")
            #expect(try await promised(office, at: "2026-11-01 00:00", pool: "desk") == "2026-11-02 00:00")
            #expect(try await promised(office, at: "2026-03-08 00:00", pool: "desk") == "2026-03-10 00:00")
        }
    }

    /// However long it is closed, there is a promise.
    @Test func aPoolThatIsNeverOpenPromisesNevertheless() async throws {
        try await Office.open { office in
            try await office.run("DELETE FROM pool_hours WHERE pool = 'desk'")
            #expect(try await promised(office, at: "2026-11-18 09:00", pool: "desk") == "2027-01-17 09:00")
        }
    }

    @Test func whoIsAwayIsAnsweredForAndThatIsSaidBefore() async throws {
        try await Office.open { office in
            func promise() async throws -> AnswerPromise? {
                try await office.recipients().clinicians.first { $0.practitioner == office.okafor }?.promise
            }
            #expect(try await promise()?.owner == office.okafor)
            #expect(try await promise()?.awayUntil == nil)
            // From an hour on; the promise is later than that on every day but one that ends within it, so a week is taken.
            let leave = UUID.v7()
            try await office.leave(office.okafor, from: 3_600, until: 14 * 86_400, id: leave)
            let covered = try #require(try await promise())
            #expect(covered.owner == office.raman && covered.awayUntil != nil)
            let thread = try await office.asked("Is salt bad?", of: office.okafor)
            #expect(try await office.view(thread).line.owner == office.raman)
            // The cover is away too: the chain, then the lead, then whoever has time.
            try await office.leave(office.raman, from: -3_600, until: 14 * 86_400)
            #expect(try await promise()?.owner == office.byrne)
            #expect(try await office.view(thread).line.owner == office.byrne)
            try await office.leave(office.byrne, from: -3_600, until: 14 * 86_400)
            #expect(try await promise()?.owner == nil)
            #expect(try await office.view(thread).line.owner == nil)
            let lead = ID<Practitioner>()
            try await office.keepPools(lead: lead)
            #expect(try await promise()?.owner == lead)
            // Leave that was taken back is none.
            try await office.leave(office.okafor, from: 3_600, until: 14 * 86_400, id: leave, ended: true)
            #expect(try await promise()?.awayUntil == nil)
            // What came late of it does not undo that.
            try await office.leave(office.okafor, from: 3_600, until: 14 * 86_400, id: leave)
            #expect(try await promise()?.owner == office.okafor)
        }
    }

    @Test func whoLeavesThePoolLeavesNothingBehind() async throws {
        try await Office.open { office in
            let thread = try await office.asked("Is salt bad?", of: office.okafor)
            #expect(try await office.view(thread).line.owner == office.okafor)
            try await office.keepPools(without: office.okafor)
            let line = try await office.view(thread).line
            #expect(line.owner == nil && line.pool == "care" && line.state == .waiting)
        }
    }

    @Test func whatCannotBeIsRefused() async throws {
        try await Office.open { office in
            let me = try await office.keys.operator()
            let pool = try #require(try await office.bus.ask(ReadPools(), as: me).pools.first { $0.code == "care" })
            func refusal(_ change: (inout PoolLine) -> Void) async throws -> PoolRefusal? {
                var other = pool
                change(&other)
                return try await office.bus.request(KeepPool(pool: other, key: .v7()), as: me).refusal
            }
            #expect(try await refusal { $0.version += 1 } == .changedMeanwhile)
            #expect(try await refusal { $0.zone = "Mars/Olympus" } == .unknownZone)
            #expect(try await refusal { $0.hours = [] } == .invalidHours)
            #expect(try await refusal { $0.hours = [WeeklyHours(weekday: 1, from: "17:00", until: "9:00")] } == .invalidHours)
            #expect(try await refusal { $0.members[0].cover = $0.members[0].practitioner } == .invalidMembers)
            #expect(try await refusal { $0.code = "nobody" } == .notFound)
        }
    }
}
