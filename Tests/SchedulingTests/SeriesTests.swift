import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Visits that come again: each is one of its own.
@Suite struct SeriesTests {
    private func book(
        _ opening: Opening, for patient: ID<Patient> = .init(), weeks: Int = 1, count: Int = 40, series: UUID = .v7(), _ clinic: Clinic
    ) async throws -> Answer<BookSeries> {
        let command = BookSeries(
            series: series, patient: patient, practitioner: opening.practitioner, location: opening.location, service: opening.service,
            start: opening.start.instant, weeks: weeks, count: count)
        return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk, account: ID(series)), within: .seconds(20))
    }

    /// A clinician with hours for more than a year.
    private func practitioner(_ clinic: Clinic) async throws -> ID<Practitioner> {
        let practitioner = ID<Practitioner>()
        _ = try await clinic.bus.request(clinic.publication(practitioner, until: clinic.day(420)), as: clinic.keys.operator())
        return practitioner
    }

    @Test func theClockShowsTheSameTimeEveryWeek() async throws {
        try await Clinic.open(Bookings(horizonDays: 420)) { clinic in
            let practitioner = try await practitioner(clinic)
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            // More than half a year: clocks change meanwhile, one way at least.
            let answer = try #require(try await book(opening, clinic).reply)
            #expect(answer.booked.count == 40 && answer.missed.isEmpty)
            #expect(answer.booked.allSatisfy { $0.start.local.hasSuffix("T08:00") })
            let steps = zip(answer.booked, answer.booked.dropFirst()).map { $1.start.instant.timeIntervalSince($0.start.instant) / 3_600 }
            #expect(steps.contains(168) && steps.contains { $0 != 168 } && steps.allSatisfy { abs($0 - 168) <= 1 })
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func whatIsNotFreeIsLeftOutAndNamedAndExceptionsSurvive() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let taken = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3 + 14), days: 1).first)
            #expect(taken.start.local.hasSuffix("T08:00"))
            #expect(try await clinic.book(taken).reply != nil)
            let (patient, series) = (ID<Patient>(), UUID.v7())
            let answer = try await book(opening, for: patient, count: 6, series: series, clinic)
            let booked = try #require(answer.reply).booked
            #expect(booked.count == 5 && answer.reply?.missed == [taken.start.local])
            #expect(try await book(opening, for: patient, count: 6, series: series, clinic) == answer, "the same form sent twice")
            #expect(try await book(opening, count: 6, clinic).refusal == .firstNotFree)
            #expect(try await book(opening, weeks: 0, clinic).refusal == .invalid)
            #expect(try await clinic.test.emitted(AppointmentBooked.self).count == 6)
            // One of them is moved to before the rest: it stays when the rest is cancelled.
            let free = try #require(try await clinic.openings(of: practitioner, from: clinic.day(5)).first)
            let move = RescheduleAppointment(
                appointment: booked[3].appointment, patient: patient, version: 1, practitioner: practitioner, location: free.location,
                start: free.start.instant, key: .v7())
            #expect(try await clinic.bus.request(move, as: clinic.keys.patient(patient)).reply != nil)
            let rest = CancelSeries(series: series, patient: patient, from: booked[2].appointment, key: .v7())
            #expect(
                try await clinic.bus.request(rest, as: clinic.keys.staff(.frontDesk)).reply?.cancelled
                    == [booked[2].appointment, booked[4].appointment])
            let left = try await clinic.bus.ask(ReadAppointments(patient: patient), as: clinic.keys.patient(patient)).coming
            #expect(left.map(\.appointment) == [booked[0].appointment, booked[3].appointment, booked[1].appointment])
            #expect(left.allSatisfy { $0.series == series })
            let again = CancelSeries(series: series, patient: patient, from: booked[2].appointment, key: .v7())
            #expect(try await clinic.bus.request(again, as: clinic.keys.staff(.frontDesk)).refusal == .tooLate)
            let others = CancelSeries(series: series, patient: .init(), from: booked[0].appointment, key: .v7())
            #expect(try await clinic.bus.request(others, as: clinic.keys.staff(.frontDesk)).refusal == .notFound)
        }
    }

    private func move(
        _ from: Booked, to opening: Opening, all: Bool = false, leaving: [ID<Appointment>] = [], of patient: ID<Patient>, _ series: UUID,
        _ clinic: Clinic
    ) async throws -> Answer<MoveSeries> {
        let command = MoveSeries(
            series: series, patient: patient, from: from.appointment, version: from.version, practitioner: opening.practitioner,
            location: opening.location, start: opening.start.instant, all: all, leaving: leaving, key: .v7())
        return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk), within: .seconds(20))
    }

    private func coming(_ patient: ID<Patient>, _ clinic: Clinic) async throws -> [AppointmentLine] {
        try await clinic.bus.ask(ReadAppointments(patient: patient), as: clinic.keys.patient(patient)).coming
    }

    private func opening(_ practitioner: ID<Practitioner>, _ day: Int, _ time: String, _ clinic: Clinic) async throws -> Opening {
        try #require(
            try await clinic.openings(of: practitioner, from: clinic.day(day), days: 1).first { $0.start.local.hasSuffix("T\(time)") })
    }

    /// Also over a change of clocks; those before it stay, and each is the visit it was.
    @Test func thisAndLaterMoveByTheWallClock() async throws {
        try await Clinic.open(Bookings(horizonDays: 420)) { clinic in
            let practitioner = try await practitioner(clinic)
            let (patient, series) = (ID<Patient>(), UUID.v7())
            let first = try await opening(practitioner, 3, "08:00", clinic)
            let booked = try #require(try await book(first, for: patient, count: 40, series: series, clinic).reply).booked
            let answer = try #require(
                try await move(booked[5], to: try await opening(practitioner, 3 + 35, "08:20", clinic), of: patient, series, clinic).reply)
            #expect(answer.moved.count == 35 && answer.kept.isEmpty)
            #expect(answer.moved.allSatisfy { $0.start.local.hasSuffix("T08:20") && $0.version == 2 })
            let lines = try await coming(patient, clinic)
            #expect(lines.prefix(5).allSatisfy { $0.start.local.hasSuffix("T08:00") && $0.version == 1 })
            #expect(Set(lines.map(\.appointment)) == Set(booked.map(\.appointment)) && lines.count == 40)
            let steps = zip(answer.moved, answer.moved.dropFirst()).map { $1.start.instant.timeIntervalSince($0.start.instant) / 3_600 }
            #expect(steps.contains { $0 != 168 } && steps.allSatisfy { abs($0 - 168) <= 1 })
            #expect(try await clinic.test.emitted(AppointmentRescheduled.self).count == 35)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func aSeriesTakesItsOwnTimesAndExceptionsSurvive() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let (patient, series) = (ID<Patient>(), UUID.v7())
            let booked = try #require(
                try await book(try await opening(practitioner, 3, "08:00", clinic), for: patient, count: 6, series: series, clinic).reply).booked
            // One of them is moved by itself, and one is cancelled.
            let apart = try await opening(practitioner, 3 + 21 + 1, "09:00", clinic)
            let alone = RescheduleAppointment(
                appointment: booked[3].appointment, patient: patient, version: 1, practitioner: practitioner, location: apart.location,
                start: apart.start.instant, key: .v7())
            #expect(try await clinic.bus.request(alone, as: clinic.keys.patient(patient)).reply != nil)
            _ = try await clinic.cancel(booked[4].appointment, of: patient)
            #expect(try await coming(patient, clinic).filter { $0.isApart == true }.map(\.appointment) == [booked[3].appointment])
            // All by a week: the first takes the second's time, the second the third's. The patient's own times are not in the way.
            let week = Opening(
                practitioner: practitioner, location: apart.location, service: apart.service, start: booked[1].start, end: booked[1].end)
            let answer = try #require(try await move(booked[0], to: week, all: true, of: patient, series, clinic).reply)
            #expect(answer.moved.map(\.appointment) == [0, 1, 2, 5].map { booked[$0].appointment } && answer.kept == [booked[3].appointment])
            #expect(answer.moved[0].start == booked[1].start && answer.moved[1].start == booked[2].start)
            let lines = try await coming(patient, clinic)
            #expect(lines.first { $0.appointment == booked[3].appointment }?.start.instant == apart.start.instant)
            #expect(try await clinic.status(of: booked[4].appointment) == "cancelled")
            // From the one that was moved by itself on: it comes back into the series.
            var exception = booked[3]
            exception.version = 2
            let back = try await opening(practitioner, 3 + 21 + 1, "10:00", clinic)
            let rest = try #require(try await move(exception, to: back, of: patient, series, clinic).reply)
            #expect(rest.moved.map(\.appointment) == [booked[3].appointment, booked[5].appointment])
            #expect(rest.moved.allSatisfy { $0.start.local.hasSuffix("T10:00") })
            #expect(try await coming(patient, clinic).allSatisfy { $0.isApart != true })
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func whatStandsInTheWayIsNamedBeforeAnythingMoves() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let (patient, series) = (ID<Patient>(), UUID.v7())
            let booked = try #require(
                try await book(try await opening(practitioner, 3, "08:00", clinic), for: patient, count: 4, series: series, clinic).reply).booked
            // Somebody has the third's new time; the patient is elsewhere at the fourth's.
            #expect(try await clinic.book(try await opening(practitioner, 3 + 14, "09:00", clinic)).reply != nil)
            let elsewhere = try await self.practitioner(clinic)
            #expect(try await clinic.book(try await opening(elsewhere, 3 + 21, "09:00", clinic), for: patient).reply != nil)
            let before = try await coming(patient, clinic)
            let target = try await opening(practitioner, 3, "09:00", clinic)
            let refusal = try await move(booked[0], to: target, of: patient, series, clinic).refusal
            guard case .conflicts(let conflicts) = refusal else { throw Unexpected("\(String(describing: refusal))") }
            #expect(conflicts.map(\.appointment) == [booked[2].appointment, booked[3].appointment])
            #expect(conflicts.map(\.reason) == [.taken, .patientBusy] && conflicts.map(\.start) == [booked[2].start, booked[3].start])
            #expect(try await coming(patient, clinic) == before, "nothing is half done")
            #expect(try await clinic.test.emitted(AppointmentRescheduled.self).isEmpty)
            #expect(try await clinic.book(try await opening(practitioner, 3, "08:20", clinic)).reply != nil)

            let answer = try #require(
                try await move(booked[0], to: target, leaving: conflicts.map(\.appointment), of: patient, series, clinic).reply)
            #expect(answer.moved.map(\.appointment) == [booked[0].appointment, booked[1].appointment])
            #expect(answer.kept == conflicts.map(\.appointment))
            // A time that is not offered at all, an old version, another's, and all of it cancelled at once.
            let night = Opening(
                practitioner: practitioner, location: target.location, service: target.service,
                start: ZonedTime(target.start.instant.addingTimeInterval(600), local: "", zone: clinic.zone), end: target.end)
            var moved = booked[0]
            moved.version = 2
            #expect(try await move(booked[0], to: target, of: patient, series, clinic).refusal == .changedMeanwhile(version: 2))
            guard case .conflicts(let nowhere) = try await move(moved, to: night, of: patient, series, clinic).refusal else {
                throw Unexpected("moved")
            }
            #expect(nowhere.allSatisfy { $0.reason == .notOffered })
            #expect(try await move(moved, to: target, of: .init(), series, clinic).refusal == .notFound)
            #expect(try await move(moved, to: target, of: patient, .v7(), clinic).refusal == .notFound)
            let all = CancelSeries(series: series, patient: patient, from: booked[3].appointment, all: true, key: .v7())
            #expect(try await clinic.bus.request(all, as: clinic.keys.staff(.frontDesk)).reply?.cancelled.count == 4)
            #expect(try await move(moved, to: target, of: patient, series, clinic).refusal == .tooLate)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    /// The recurrence rules of the samples, where `CHARTLINE_SAMPLES` names their folder: those that say what a series can say.
    @Test func theSamplesRulesGiveTheirTimes() async throws {
        guard let folder = ProcessInfo.processInfo.environment["CHARTLINE_SAMPLES"] else { return }
        struct Vector: Decodable {
            var rule: String
            var expect: [String]
        }
        let vectors = try JSONDecoder().decode(
            [Vector].self, from: Data(contentsOf: URL(filePath: folder).appending(path: "ical/rrule_vectors.json")))
        let weekly = /DTSTART:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)00\nRRULE:FREQ=WEEKLY(?:;INTERVAL=(\d+))?;COUNT=(\d+)/
        try await Clinic.open { clinic in
            let practitioner = ID<Practitioner>()
            _ = try await clinic.bus.request(clinic.publication(practitioner, from: "1997-01-01"), as: clinic.keys.operator())
            var compared = 0
            for vector in vectors {
                guard let said = try weekly.wholeMatch(in: vector.rule)?.output else { continue }
                let start = try Date("\(said.1)-\(said.2)-\(said.3)T\(said.4):\(said.5):00-05:00", strategy: .iso8601)
                let series = BookSeries(
                    series: .v7(), patient: .init(), practitioner: practitioner, location: clinic.location, service: Clinic.service.code,
                    start: start, weeks: said.6.flatMap { Int($0) } ?? 1, count: Int(said.7) ?? 0)
                let walls = try await clinic.test.pool.asWorker(of: "scheduling") { tx in
                    try await tx.all("SELECT t.local FROM (\(Bookings().occurrences(of: series))) t ORDER BY t.wall", as: String.self)
                }
                #expect(walls.map { "\($0):00" } == vector.expect, "\(vector.rule)")
                compared += 1
            }
            #expect(compared >= 2)
        }
    }
}
