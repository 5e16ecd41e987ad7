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
