import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What a kind of visit asks of those who book it.
@Suite struct RuleTests {
    /// A clinician who offers a kind of visit with these rules, and another of twenty minutes without any.
    private func practitioner(_ rules: VisitRules, _ clinic: Clinic, minutes: Int = 20) async throws -> ID<Practitioner> {
        let practitioner = ID<Practitioner>()
        var publication = clinic.publication(practitioner)
        publication.services.append(VisitService(code: "ruled", name: ["en": "Ruled"], minutes: minutes, rules: rules))
        _ = try await clinic.bus.request(publication, as: clinic.keys.operator())
        return practitioner
    }

    private func openings(
        _ practitioner: ID<Practitioner>, _ clinic: Clinic, day: Int = 3, days: Int = 1, asPatient: Bool = false
    ) async throws -> [Opening] {
        let query = FindOpenings(service: "ruled", practitioner: practitioner, fromDay: clinic.day(day), days: days)
        let token = asPatient ? try await clinic.keys.patient(.init()) : try await clinic.keys.staff()
        return try await clinic.bus.ask(query, as: token).openings
    }

    private func clock(_ openings: [Opening]) -> Set<String> { Set(openings.map { String($0.start.local.suffix(5)) }) }

    @Test func timeIsKeptFreeAroundAVisit() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(VisitRules(minutesBefore: 10, minutesAfter: 15), clinic)
            let all = try await openings(practitioner, clinic)
            let nine = try #require(all.first { $0.start.local.hasSuffix("T09:00") })
            #expect(try await clinic.book(nine).reply != nil)
            let left = clock(try await openings(practitioner, clinic))
            // 08:50–09:35 is the visit's; those of its kind want as much around them: 08:20 until 08:55, 09:40 from 09:30 on.
            #expect(clock(all).subtracting(left) == ["08:20", "08:40", "09:00", "09:20", "09:40"] && left.contains("08:00"))
            let plain = clock(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1))
            #expect(!plain.contains("09:20") && !plain.contains("08:40") && plain.contains("09:40") && plain.contains("08:20"))
            // The buffers alone overlap: refused by the constraint, whatever page was open.
            let before = try #require(all.first { $0.start.local.hasSuffix("T08:40") })
            guard case .refused(.taken) = try await clinic.book(before) else { throw Unexpected("booked into the time between") }
        }
    }

    @Test func asManyComeAsThereIsRoomForAndNobodyElse() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(VisitRules(capacity: 3), clinic, minutes: 40)
            let opening = try #require(try await openings(practitioner, clinic).first)
            let answers = try await withThrowingTaskGroup(of: (ID<Patient>, ID<Appointment>, Bool, Bool).self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        let (patient, id) = (ID<Patient>(), ID<Appointment>())
                        let answer = try await clinic.book(opening, for: patient, appointment: id)
                        let isTaken = if case .refused(.taken) = answer { true } else { false }
                        return (patient, id, answer.reply != nil, isTaken)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.2 } == 3 && answers.count { $0.3 } == 9)
            #expect(try await !openings(practitioner, clinic).contains(opening))
            // The clinician has one session at a time: a visit of another kind has no place in it, whichever seat is free.
            func plain() async throws -> Set<String> { clock(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)) }
            #expect(try await plain().isDisjoint(with: ["08:00", "08:20"]))
            var other = opening
            other.service = Clinic.service.code
            for (patient, id, booked, _) in answers.filter(\.2).prefix(2) {
                #expect(booked)
                #expect(try await clinic.cancel(id, of: patient).reply != nil)
                guard case .refused(.taken) = try await clinic.book(other) else { throw Unexpected("booked beside a group") }
            }
            #expect(try await openings(practitioner, clinic).contains(opening))
            for isFree in [true, true, false] { #expect((try await clinic.book(opening).reply != nil) == isFree) }
        }
    }

    @Test func patientsBookWhatIsTheirsToBook() async throws {
        for (mode, sees, refusal) in [(SelfScheduling.off, false, BookingRefusal.byClinicOnly), (.view, true, .byClinicOnly)] {
            try await Clinic.open { clinic in
                let practitioner = try await practitioner(VisitRules(mode: mode), clinic)
                #expect(try await openings(practitioner, clinic, asPatient: true).isEmpty != sees)
                let opening = try #require(try await openings(practitioner, clinic).first)
                let patient = ID<Patient>()
                #expect(try await clinic.book(opening, for: patient).refusal == refusal)
                #expect(try await clinic.hold(opening, for: patient).refusal == refusal)
                let command = clinic.command(opening, for: patient)
                #expect(try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk)).reply != nil)
            }
        }
    }

    @Test func ofTwoDevicesOneBooksTheOnlyOne() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(VisitRules(onlyOne: true), clinic)
            let all = try await openings(practitioner, clinic, days: 2)
            for round in 0..<6 {
                let patient = ID<Patient>()
                async let one = clinic.book(all[round * 2], for: patient)
                async let two = clinic.book(all[round * 2 + 1], for: patient)
                let answers = try await [one, two]
                let booked = try #require(answers.compactMap(\.reply).first)
                #expect(answers.compactMap(\.refusal) == [.oneIsOpen(with: booked.appointment)])
                #expect(try await clinic.hold(all[30], for: patient).refusal == .oneIsOpen(with: booked.appointment))
                #expect(try await clinic.cancel(booked.appointment, of: patient).reply != nil)
                #expect(try await clinic.book(all[round * 2], for: patient).reply != nil)
            }
        }
    }

    @Test func eachKindHasItsNoticeAndItsHorizon() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(VisitRules(noticeMinutes: 60 * 24 * 3, horizonDays: 10), clinic)
            let found = try await openings(practitioner, clinic, day: 0, days: 30)
            let (first, last) = (try #require(found.first), try #require(found.last))
            #expect(first.start.instant.timeIntervalSinceNow >= 3 * 86_400 && first.start.instant.timeIntervalSinceNow < 4.5 * 86_400)
            #expect(last.start.instant.timeIntervalSinceNow <= 10 * 86_400 && last.start.instant.timeIntervalSinceNow > 8.5 * 86_400)
            var sooner = first
            sooner.start.instant -= 86_400
            guard case .refused(.notOffered) = try await clinic.book(sooner) else { throw Unexpected("booked too soon") }
        }
    }

    @Test func nobodyIsSeenOnAHoliday() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(4), days: 1).first)
            let pool = clinic.test.database.pool(clinic.test.database.owner)
            try await pool.run("INSERT INTO holiday (location, day, name) VALUES (\(clinic.location.uuid), \(clinic.day(4))::date, 'Founders')")
            await pool.close()
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3), days: 3).count == 48)
            guard case .refused(.notOffered) = try await clinic.book(opening) else { throw Unexpected("booked on a holiday") }
        }
    }

    /// The guard of all races is the database's: with its constraints gone, the stampede books many.
    @Test func withoutTheConstraintsTheStampedeIsSeen() async throws {
        try await Clinic.open { clinic in
            let opening = try #require(try await clinic.openings(of: try await clinic.practitioner(), from: clinic.day(5)).first)
            let pool = clinic.test.database.pool(clinic.test.database.owner)
            for constraint in ["resource_time_taken", "resource_time_one_session"] {
                try await pool.run(SQL(trusted: "ALTER TABLE resource_time DROP CONSTRAINT \(constraint)"))
            }
            await pool.close()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await clinic.book(opening) } }
                try await group.waitForAll()
            }
            #expect(try await clinic.doubleBookings() == 190)
        }
    }

    @Test func whatNoRuleHasIsRefused() async throws {
        try await Clinic.open { clinic in
            let token = try await clinic.keys.staff(.administrator)
            let rules = VisitRules(
                minutesBefore: 121, minutesAfter: -1, capacity: 0, noticeMinutes: 50_000, horizonDays: 0, cutOffMinutes: -1)
            let type = VisitService(code: "ruled", name: ["en": "Ruled", "es": "Con reglas"], minutes: 20, rules: rules)
            let names = ["minutesBefore", "minutesAfter", "capacity", "noticeMinutes", "horizonDays", "cutOffMinutes"]
            #expect(
                try await clinic.bus.request(KeepVisitType(type: type, version: 0, key: .v7()), as: token)
                    == .refused(.invalid(problems: names.map { EntryProblem($0, .notPossible) })))
            var right = type
            right.rules = VisitRules(mode: .view, capacity: 8, cutOffMinutes: 120)
            #expect(try await clinic.bus.request(KeepVisitType(type: right, version: 0, key: .v7()), as: token).reply?.version == 1)
            // Who does not know of rules leaves them as they are.
            var older = right
            older.rules = nil
            older.minutes = 30
            #expect(try await clinic.bus.request(KeepVisitType(type: older, version: 1, key: .v7()), as: token).reply?.version == 2)
            right.minutes = 30
            #expect(try await clinic.bus.ask(ReadVisitTypes(), as: token).types == [VisitTypeLine(type: right, version: 2)])
            let history = try #require(try await clinic.bus.request(ReadVisitTypeHistory(code: "ruled"), as: token).reply)
            #expect(history.after == right && history.before?.rules == right.rules)
        }
    }
}
