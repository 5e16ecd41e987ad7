import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

@Suite struct BookingTests {
    @Test func oneVisitMayBeginWhenAnotherEnds() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let patient = ID<Patient>()
            let (first, second) = (try #require(openings.first), try #require(openings.dropFirst().first))
            #expect(first.end == second.start)
            #expect(try await clinic.book(first, for: patient).reply != nil)
            #expect(try await clinic.book(second, for: patient).reply != nil)
        }
    }

    @Test func aPatientIsNotInTwoPlaces() async throws {
        try await Clinic.open { clinic in
            let (one, two) = (try await clinic.practitioner(), try await clinic.practitioner())
            let opening = try #require(try await clinic.openings(of: one, from: clinic.day(3)).first)
            let same = try #require(try await clinic.openings(of: two, from: clinic.day(3)).first)
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(opening, for: patient, appointment: appointment).reply != nil)
            #expect(try await clinic.book(same, for: patient).refusal == .patientBusy(with: appointment))
            // What it is told instead leaves out the times it is busy itself.
            #expect(try await clinic.book(same).reply != nil)
            guard case .refused(.patientBusy) = try await clinic.book(same, for: patient) else { throw Unexpected("not refused") }
        }
    }

    @Test func whatIsNotOfferedIsRefusedWithTimesThatAre() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            for seconds: Double in [600, -1200, 86_400 * 300, -86_400 * 30] {
                var wrong = opening
                wrong.start.instant += seconds
                guard case .refused(.notOffered(let alternatives)) = try await clinic.book(wrong) else {
                    Issue.record("booked \(seconds) s from an offered time")
                    continue
                }
                if abs(seconds) < 86_400 {
                    #expect(alternatives.count == 3)
                    for alternative in alternatives { #expect(try await clinic.book(alternative).reply != nil) }
                }
            }
            var elsewhere = opening
            elsewhere.location = .init()
            guard case .refused(.notOffered) = try await clinic.book(elsewhere) else { throw Unexpected("booked at a place without hours") }
            var unknown = opening
            unknown.service = "no-such-visit"
            #expect(try await clinic.book(unknown).refusal == .notOffered(alternatives: []))
        }
    }

    @Test func noticeIsKeptByTheClockOfTheDatabase() async throws {
        try await Clinic.open(zone: "UTC") { clinic in
            let practitioner = ID<Practitioner>()
            let allDay = (1...7).map { WeeklyHours(weekday: $0, from: "00:00", until: "24:00") }
            _ = try await clinic.bus.request(clinic.publication(practitioner, hours: allDay, notice: 120), as: clinic.keys.operator())
            let first = try #require(try await clinic.openings(of: practitioner).first)
            #expect((7_200 - 5...8_400).contains(first.start.instant.timeIntervalSinceNow))
            var sooner = first
            sooner.start.instant -= 1_200
            guard case .refused(.notOffered) = try await clinic.book(sooner) else { throw Unexpected("booked too soon") }
        }
    }

    @Test func anIdBelongsToOneAppointment() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(openings[0], for: patient, appointment: appointment).reply != nil)
            #expect(try await clinic.book(openings[1], for: patient, appointment: appointment).refusal == .idInUse)
            #expect(try await clinic.book(openings[2], appointment: appointment).refusal == .idInUse)
            #expect(try await clinic.hold(openings[3], for: .init(), appointment: appointment).refusal == .idInUse)
        }
    }

    @Test func cancellingGivesTheTimeBack() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.cancel(appointment, of: patient).refusal == .notFound)
            #expect(try await clinic.book(opening, for: patient, appointment: appointment).reply != nil)
            #expect(try await clinic.cancel(appointment, of: .init()).refusal == .notFound)
            #expect(try await clinic.cancel(appointment, of: patient).reply == Cancelled(appointment: appointment, version: 2))
            #expect(try await clinic.cancel(appointment, of: patient).refusal == .tooLate)
            #expect(try await clinic.book(opening).reply != nil)
            #expect(try await clinic.test.emitted(AppointmentCancelled.self).map(\.reason) == ["by-patient"])
        }
    }

    @Test func aVisitBeyondTheListCanStillBeRead() async throws {
        try await Clinic.open { clinic in
            let openings = try await clinic.openings(of: try await clinic.practitioner(), from: clinic.day(3))
            let patient = ID<Patient>()
            let visits = openings.prefix(11).map { _ in ID<Appointment>() }
            for (opening, visit) in zip(openings, visits) {
                #expect(try await clinic.book(opening, for: patient, appointment: visit).reply != nil)
                #expect(try await clinic.cancel(visit, of: patient).reply != nil)
            }
            let first = try #require(visits.first)
            let listed = try await clinic.bus.ask(ReadAppointments(patient: patient), as: clinic.keys.patient(patient))
            #expect(listed.past.count == 10 && !listed.past.map(\.appointment).contains(first))
            let alone = try await clinic.bus.ask(ReadAppointments(patient: patient, only: first), as: clinic.keys.patient(patient))
            #expect(alone.past.map(\.appointment) == [first] && alone.coming.isEmpty && alone.services == [Clinic.service])
            let other = ID<Patient>()
            let nothing = try await clinic.bus.ask(ReadAppointments(patient: other, only: first), as: clinic.keys.patient(other))
            #expect(nothing.past.isEmpty && nothing.coming.isEmpty)
        }
    }

    @Test func everybodySeesTheirOwn() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let (mine, others) = (ID<Patient>(), ID<Patient>())
            let (first, second) = (ID<Appointment>(), ID<Appointment>())
            #expect(try await clinic.book(openings[0], for: mine, appointment: first).reply != nil)
            #expect(try await clinic.book(openings[1], for: others, appointment: second).reply != nil)

            let own = try await clinic.bus.ask(ReadAppointments(patient: mine), as: clinic.keys.patient(mine))
            #expect(own.coming.map(\.appointment) == [first] && own.past.isEmpty && own.services == [Clinic.service])
            await #expect(throws: BusError.notAllowed) { try await clinic.bus.ask(ReadAppointments(patient: others), as: clinic.keys.patient(mine)) }
            await #expect(throws: BusError.notAllowed) { try await clinic.bus.ask(ReadDay(), as: clinic.keys.patient(mine)) }
            await #expect(throws: BusError.notAllowed) {
                try await clinic.bus.request(ReadAppointment(appointment: first), as: clinic.keys.patient(mine))
            }

            // Even were a rule wrong, the database shows a patient nobody else's rows, and lets none be changed.
            let seen = try await clinic.test.pool.transaction([
                "SELECT set_config('role', 'scheduling_limited', true), set_config('chartline.patients', \(mine.description), true)"
            ]) { tx in
                let changed = try await tx.run("UPDATE appointment SET status = 'cancelled', live = false WHERE id = \(second.uuid)")
                #expect(changed == 0)
                return try await tx.all("SELECT patient FROM appointment", as: UUID.self)
            }
            #expect(seen == [mine.uuid])

            let day = try await clinic.bus.ask(ReadDay(day: clinic.day(3)), as: clinic.keys.staff(.frontDesk))
            #expect(day.appointments.map(\.appointment) == [first, second])
            #expect(day.appointments.map(\.start.local) == ["\(clinic.day(3))T08:00", "\(clinic.day(3))T08:20"])
            #expect(try await clinic.bus.ask(ReadDay(), as: clinic.keys.staff(.frontDesk)).day == clinic.day(0))
            #expect(try await clinic.bus.ask(ReadDay(day: "2026-02-30"), as: clinic.keys.staff(.frontDesk)).appointments.isEmpty)
        }
    }

    @Test func aBookingTakesTwoRoundTrips() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            for opening in openings.prefix(8) { _ = try await clinic.book(opening) }
            let before = clinic.test.pool.statistics.roundTrips
            #expect(try await clinic.book(openings[10]).reply != nil)
            #expect(clinic.test.pool.statistics.roundTrips - before == 2)
        }
    }

    @Test func noTableWithPatientsIsWithoutPolicies() async throws {
        try await Clinic.open { clinic in
            let open = try await clinic.test.pool.asWorker(of: "scheduling") { tx in
                try await tx.all(
                    """
                    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                    WHERE c.relnamespace = 'scheduling'::regnamespace AND c.relkind = 'r' AND a.attname IN ('patient', 'patients')
                        AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
                    """, as: String.self)
            }
            #expect(open.isEmpty)
        }
    }
}
