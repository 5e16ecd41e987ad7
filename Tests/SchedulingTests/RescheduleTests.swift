import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Moving a visit: it stays the same one, and has a time at every moment.
@Suite(.serialized) struct RescheduleTests {
    private struct Booked: Sendable {
        let id: ID<Appointment>
        let patient: ID<Patient>
        let at: Opening
    }

    private func booked(_ opening: Opening, _ clinic: Clinic, for patient: ID<Patient> = .init()) async throws -> Booked {
        let id = ID<Appointment>()
        #expect(try await clinic.book(opening, for: patient, appointment: id).reply != nil)
        return Booked(id: id, patient: patient, at: opening)
    }

    private func move(
        _ visit: Booked, to opening: Opening, over version: Int = 1, key: UUID = .v7(), asDesk: Bool = false, _ clinic: Clinic
    ) async throws -> Answer<RescheduleAppointment> {
        let command = RescheduleAppointment(
            appointment: visit.id, patient: visit.patient, version: version, practitioner: opening.practitioner, location: opening.location,
            start: opening.start.instant, key: key)
        let token = asDesk ? try await clinic.keys.staff(.frontDesk) : try await clinic.keys.patient(visit.patient, account: ID(visit.patient.uuid))
        return try await clinic.bus.request(command, as: token, within: .seconds(20))
    }

    private func line(_ visit: Booked, _ clinic: Clinic) async throws -> AppointmentLine {
        try #require(try await clinic.bus.request(ReadAppointment(appointment: visit.id), as: clinic.keys.worker("notifications")).reply)
    }

    @Test func aMovedVisitIsTheSameVisit() async throws {
        try await Clinic.open { clinic in
            let (one, two) = (try await clinic.practitioner(), try await clinic.practitioner())
            let old = try #require(try await clinic.openings(of: one, from: clinic.day(3)).first)
            let new = try #require(try await clinic.openings(of: two, from: clinic.day(5)).last)
            let visit = try await booked(old, clinic)
            let key = UUID.v7()
            let answer = try await move(visit, to: new, key: key, clinic)
            #expect(answer.reply == Rescheduled(appointment: visit.id, version: 2, start: new.start, end: new.end))
            #expect(try await move(visit, to: new, key: key, clinic) == answer, "the same form sent twice")
            #expect(try await move(visit, to: new, clinic) == answer, "and with another key")
            let moved = try await line(visit, clinic)
            #expect(moved.version == 2 && moved.status == "booked" && moved.practitioner == two && moved.start == new.start)
            #expect(
                try await clinic.test.emitted(AppointmentRescheduled.self)
                    == [
                        AppointmentRescheduled(
                            appointment: visit.id, version: 2, patient: visit.patient, practitioner: two, location: new.location, start: new.start,
                            end: new.end,
                            old: AppointmentTime(practitioner: one, location: old.location, start: old.start, end: old.end))
                    ])
            // The old time is everybody's, the new one nobody's.
            #expect(try await clinic.book(old).reply != nil)
            guard case .refused(.taken) = try await clinic.book(new) else { throw Unexpected("the new time was not taken") }
            // And on: each move counts on.
            let third = try #require(try await clinic.openings(of: one, from: clinic.day(4)).first)
            #expect(try await move(visit, to: third, over: 2, asDesk: true, clinic).reply?.version == 3)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func ontoItsOwnTimeItMoves() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let visit = try await booked(try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first), clinic)
            let later = (1...7).map { WeeklyHours(weekday: $0, from: "08:10", until: "12:10") }
            _ = try await clinic.bus.request(clinic.publication(practitioner, hours: later), as: clinic.keys.operator())
            var overlapping = visit.at
            overlapping.start.instant += 600
            #expect(try await move(visit, to: overlapping, clinic).reply?.version == 2)
            #expect(try await line(visit, clinic).start.local == "\(clinic.day(3))T08:10")
        }
    }

    @Test func whoIsRefusedKeepsWhatTheyHad() async throws {
        try await Clinic.open { clinic in
            let (one, two) = (try await clinic.practitioner(), try await clinic.practitioner())
            let openings = try await clinic.openings(of: one, from: clinic.day(3), days: 1)
            let visit = try await booked(openings[0], clinic)
            _ = try await booked(openings[1], clinic)
            guard case .refused(.taken(let near)) = try await move(visit, to: openings[1], clinic) else { throw Unexpected("not taken") }
            #expect(near.count == 3)
            let other = try await booked(openings[2], clinic, for: visit.patient)
            var same = openings[2]
            same.practitioner = two
            #expect(try await move(visit, to: same, clinic).refusal == .patientBusy(with: other.id))
            var never = openings[4]
            never.start.instant += 60
            guard case .refused(.notOffered) = try await move(visit, to: never, clinic) else { throw Unexpected("moved to no time of the hours") }
            #expect(try await move(visit, to: openings[4], over: 7, clinic).refusal == .changedMeanwhile(version: 1))
            #expect(
                try await move(Booked(id: visit.id, patient: .init(), at: visit.at), to: openings[4], clinic).refusal == .notFound)
            let kept = try await line(visit, clinic)
            #expect(kept.version == 1 && kept.start == openings[0].start)
            #expect(try await clinic.test.emitted(AppointmentRescheduled.self).isEmpty)
            guard case .refused(.taken) = try await clinic.book(openings[0]) else { throw Unexpected("its time was given away") }
            #expect(try await clinic.cancel(visit.id, of: visit.patient).reply != nil)
            #expect(try await move(visit, to: openings[4], over: 2, clinic).refusal == .tooLate)
        }
    }

    @Test func patientsMoveAndCancelUntilTheCutOffAndTheDeskAfterIt() async throws {
        try await Clinic.open { clinic in
            let practitioner = ID<Practitioner>()
            var service = Clinic.service
            service.rules = VisitRules(cutOffMinutes: 60 * 24 * 5)
            _ = try await clinic.bus.request(clinic.publication(practitioner, service: service), as: clinic.keys.operator())
            let soon = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let late = try #require(try await clinic.openings(of: practitioner, from: clinic.day(9)).first)
            let visit = try await booked(soon, clinic)
            #expect(try await move(visit, to: late, clinic).refusal == .pastCutOff)
            #expect(try await clinic.cancel(visit.id, of: visit.patient).refusal == .tooLate)
            #expect(try await move(visit, to: late, asDesk: true, clinic).reply?.version == 2)
            #expect(try await clinic.cancel(visit.id, of: visit.patient).reply?.version == 3)
            // A time that is only held is let go whenever one likes.
            let held = ID<Appointment>()
            #expect(try await clinic.hold(soon, for: visit.patient, appointment: held).reply != nil)
            #expect(try await clinic.cancel(held, of: visit.patient).reply != nil)
        }
    }

    @Test func ofTwoDevicesThatMoveOneVisitOneDoes() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 2)
            func race(_ visit: Booked, _ first: Opening, _ second: Opening) async throws -> [Answer<RescheduleAppointment>] {
                async let one = move(visit, to: first, clinic)
                async let two = move(visit, to: second, asDesk: true, clinic)
                return try await [one, two]
            }
            for round in 0..<(isLong ? 10 : 4) {
                let visit = try await booked(openings[round * 3], clinic)
                let answers = try await race(visit, openings[round * 3 + 1], openings[round * 3 + 2])
                #expect(answers.compactMap(\.reply).count == 1)
                #expect(answers.compactMap(\.refusal) == [.changedMeanwhile(version: 2)])
            }
            try await Fault.movesOverwrite.injected {
                let visit = try await booked(openings[40], clinic)
                let answers = try await race(visit, openings[41], openings[42])
                #expect(answers.compactMap(\.reply).count == 2, "without the guard the second moves it away")
            }
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func ofFiftyWhoMoveToOneTimeOneGetsIt() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 4)
            var visits: [Booked] = []
            for opening in openings.prefix(50) { visits.append(try await booked(opening, clinic)) }
            let wanted = openings[60]
            let answers = try await withThrowingTaskGroup(of: Answer<RescheduleAppointment>.self) { group in
                for visit in visits { group.addTask { try await move(visit, to: wanted, clinic) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.compactMap(\.reply).count == 1)
            #expect(answers.count { if case .refused(.taken) = $0 { true } else { false } } == 49)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    /// Two who want each other's time are refused alike, and a chain moves on; nobody waits for somebody who waits for them.
    @Test func chainsAndExchangesNeverDeadlock() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let (near, far) = (
                try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1),
                try await clinic.openings(of: practitioner, from: clinic.day(6), days: 1)
            )
            for round in 0..<(isLong ? 20 : 8) {
                let (a, b) = (try await booked(near[round], clinic), try await booked(far[round], clinic))
                async let there = move(a, to: far[round], clinic)
                async let back = move(b, to: near[round], clinic)
                for answer in try await [there, back] {
                    guard case .refused(.taken) = answer else { throw Unexpected("\(answer)") }
                }
                // a → b while b → c: the second always moves, and the first if it comes after.
                async let follows = move(a, to: far[round], clinic)
                async let leads = move(b, to: far[23 - round], clinic)
                let (first, second) = try await (follows, leads)
                #expect(second.reply != nil)
                let isTaken = if case .refused(.taken) = first { true } else { false }
                #expect(first.reply != nil || isTaken)
                for visit in [a, b] { #expect(try await clinic.cancelAsDesk(visit.id, of: visit.patient)) }
            }
            #expect(try await clinic.doubleBookings() == 0)
            #expect(try await clinic.deadlocks() == 0)
        }
    }
}

extension Clinic {
    fileprivate func cancelAsDesk(_ appointment: ID<Appointment>, of patient: ID<Patient>) async throws -> Bool {
        try await bus.request(CancelAppointment(appointment: appointment, patient: patient, key: .v7()), as: keys.staff(.frontDesk)).reply != nil
    }

    /// How often PostgreSQL had to end one of two that waited for each other.
    fileprivate func deadlocks() async throws -> Int {
        try await Task.sleep(for: .milliseconds(50))
        return try await test.pool.asWorker(of: "scheduling") { tx in
            try await tx.first("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", as: Int.self) ?? -1
        }
    }
}
