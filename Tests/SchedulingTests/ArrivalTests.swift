import Access
import Contracts
import Faults
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// What becomes of a visit on its day.
@Suite(.serialized) struct ArrivalTests {
    /// It is about noon there, so that what began an hour ago began today.
    private static var zone: String {
        let hour = Int(Date().timeIntervalSince1970) / 3_600 % 24
        return "Etc/GMT\(hour >= 12 ? "+" : "-")\(abs(hour - 12))"
    }

    private struct Visit {
        let id = ID<Appointment>()
        let patient = ID<Patient>()
    }

    /// A visit with this clinician, so many minutes from now.
    private func visit(_ minutes: Int, _ clinic: Clinic, status: String = "booked") async throws -> Visit {
        let (visit, practitioner) = (Visit(), ID<Practitioner>())
        _ = try await clinic.practitioner()
        let pool = clinic.test.database.pool(clinic.test.database.superuser)
        try await pool.run(
            """
            WITH made AS (
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
                SELECT \(visit.id.uuid), 1, \(status), \(visit.patient.uuid), \(practitioner.uuid), \(clinic.location.uuid), 'office-visit', s,
                    s + interval '20 minutes', s AT TIME ZONE \(Self.zone), \(Self.zone), \(status)::text <> 'cancelled'
                FROM (SELECT now() + make_interval(mins => \(minutes)::int) AS s) start
                RETURNING *
            )
            INSERT INTO resource_time (appointment, resource, period) SELECT id, practitioner, tstzrange(start_at, end_at) FROM made WHERE live
            """)
        await pool.close()
        return visit
    }

    private func mark(
        _ visit: Visit, _ status: String, over version: Int, as role: Role = .frontDesk, because reason: String? = nil, _ clinic: Clinic
    ) async throws -> Answer<MarkAppointment> {
        let command = MarkAppointment(
            appointment: visit.id, patient: visit.patient, version: version, status: status, reason: reason, key: .v7())
        return try await clinic.bus.request(command, as: clinic.keys.staff(role))
    }

    @Test func aVisitTakesItsStepsOneAfterTheOther() async throws {
        try await Clinic.open(zone: Self.zone) { clinic in
            let visit = try await visit(-5, clinic)
            #expect(try await mark(visit, "checked-in", over: 1, clinic).refusal == .illegal(status: "booked"))
            #expect(try await mark(visit, "arrived", over: 1, clinic).reply == Marked(appointment: visit.id, version: 2, status: "arrived"))
            #expect(try await mark(visit, "arrived", over: 1, clinic).refusal == .changedMeanwhile(version: 2))
            #expect(try await mark(visit, "checked-in", over: 2, clinic).reply?.version == 3)
            #expect(try await mark(visit, "fulfilled", over: 3, clinic).refusal == .notYours)
            let told = try await clinic.test.emitted(AppointmentStatusChanged.self)
            #expect(told.map(\.new) == ["arrived", "checked-in"] && told.map(\.version) == [2, 3])
            // Not on another day, nor too early.
            let tomorrow = try await self.visit(60 * 24, clinic)
            #expect(try await mark(tomorrow, "arrived", over: 1, clinic).refusal == .notNow)
            let soon = try await self.visit(-20, clinic)
            #expect(try await mark(soon, "noshow", over: 1, clinic).refusal == .notNow)
        }
    }

    @Test func whoWaitsByVideoHasArrivedAndIsNotMissing() async throws {
        try await Clinic.open(zone: Self.zone) { clinic in
            let (waits, absent) = (try await visit(-31, clinic), try await visit(-31, clinic))
            let waiting = VisitWaiting(appointment: waits.id, patient: waits.patient, practitioner: .init(), at: Date())
            for _ in 0..<2 { try await clinic.test.hear(waiting, handler: "mark-arrived-on-visit-waiting") }
            let another = VisitWaiting(appointment: absent.id, patient: .init(), practitioner: .init(), at: Date())
            try await clinic.test.hear(another, handler: "mark-arrived-on-visit-waiting")
            #expect(try await clinic.test.pool.asWorker(of: "scheduling") { tx in try await markMissing(tx) } == 1)
            #expect(try await clinic.status(of: waits.id) == "arrived")
            #expect(try await clinic.status(of: absent.id) == "noshow")
            #expect(try await clinic.test.emitted(AppointmentStatusChanged.self).map(\.new) == ["arrived", "noshow"])
        }
    }

    @Test func whoHasNotComeIsMissingAndMayHaveComeAfterAll() async throws {
        try await Clinic.open(zone: Self.zone) { clinic in
            func missing() async throws -> Int { try await clinic.test.pool.asWorker(of: "scheduling") { tx in try await markMissing(tx) } }
            let (late, soon, here, old) = (
                try await visit(-31, clinic), try await visit(-29, clinic), try await visit(-31, clinic), try await visit(-60 * 24 * 3, clinic)
            )
            #expect(try await mark(here, "arrived", over: 1, clinic).reply != nil)
            #expect(try await missing() == 1)
            #expect(try await missing() == 0)
            for (visit, status) in [(late, "noshow"), (soon, "booked"), (here, "arrived"), (old, "booked")] {
                #expect(try await clinic.status(of: visit.id) == status)
            }
            #expect(try await mark(late, "arrived", over: 2, clinic).refusal == .reasonMissing)
            #expect(try await mark(late, "arrived", over: 2, because: "Waited at the wrong door", clinic).reply?.status == "arrived")
            let pool = clinic.test.database.pool(clinic.test.database.superuser)
            let kept = try await pool.all(
                "SELECT new, reason, account IS NULL FROM appointment_mark WHERE appointment = \(late.id.uuid) ORDER BY version",
                as: String.self, String?.self, Bool.self)
            await pool.close()
            #expect(kept.map(\.0) == ["noshow", "arrived"] && kept.last?.1 == "Waited at the wrong door" && kept.first?.2 == true)
        }
    }

    @Test func aCancelledVisitIsBookedAgainOnlyWhileItsTimeIsFree() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let visit = Visit()
            #expect(try await clinic.book(opening, for: visit.patient, appointment: visit.id).reply != nil)
            #expect(try await clinic.cancel(visit.id, of: visit.patient).reply != nil)
            let other = Visit()
            #expect(try await clinic.book(opening, for: other.patient, appointment: other.id).reply != nil)
            #expect(try await mark(visit, "booked", over: 2, because: "Cancelled the wrong one", clinic).refusal == .timeTaken)
            #expect(try await clinic.cancel(other.id, of: other.patient).reply != nil)
            #expect(try await mark(visit, "booked", over: 2, because: "Cancelled the wrong one", clinic).reply?.version == 3)
            guard case .refused(.taken) = try await clinic.book(opening) else { throw Unexpected("its time was not taken again") }
            #expect(try await clinic.test.emitted(AppointmentBooked.self).map(\.version) == [1, 1, 3])
            // What was entered in error is nobody's, and told as a cancellation to those who hear of those.
            #expect(try await mark(visit, "entered-in-error", over: 3, because: "Another patient", clinic).refusal == .notYours)
            #expect(try await mark(visit, "entered-in-error", over: 3, as: .administrator, because: "Another patient", clinic).reply?.version == 4)
            #expect(try await clinic.book(opening).reply != nil)
            #expect(try await clinic.test.emitted(AppointmentCancelled.self).map(\.reason) == ["by-patient", "by-patient", "entered-in-error"])
        }
    }

    /// The table as it is written down, apart from the service's own.
    private static let legal: [String: [String: (roles: Set<Role>, reason: Bool)]] = [
        "booked": ["arrived": ([.frontDesk], false), "noshow": ([.frontDesk], false)], "arrived": ["checked-in": ([.frontDesk], false)],
        "checked-in": [:], "noshow": ["arrived": ([.frontDesk], true)],
        // Not any more: it began before now.
        "cancelled": [:],
    ]

    private func walk(_ visits: Int, _ clinic: Clinic) async throws -> [String] {
        var random = SystemRandomNumberGenerator()
        var wrong: [String] = []
        let states = ["booked", "arrived", "checked-in", "noshow", "cancelled", "pending", "proposed", "fulfilled", "waitlist"]
        for _ in 0..<visits {
            let visit = try await visit(-40, clinic)
            var (state, version, told) = ("booked", 1, 0)
            for _ in 0..<14 {
                let next = states.randomElement(using: &random) ?? "booked"
                let role: Role = Bool.random(using: &random) ? .frontDesk : .administrator
                let reason: String? = Bool.random(using: &random) ? "By mistake" : nil
                let rule = Self.legal[state]?[next]
                let isLegal = rule.map { $0.roles.contains(role) && (!$0.reason || reason != nil) } ?? false
                let answer = try await mark(visit, next, over: version, as: role, because: reason, clinic)
                if isLegal { (state, version, told) = (next, version + 1, told + 1) }
                if (answer.reply != nil) != isLegal { wrong.append("\(state) to \(next) by \(role): \(answer)") }
                let shown = try await clinic.status(of: visit.id)
                if shown != state { wrong.append("\(shown ?? "nothing") instead of \(state)") }
            }
            let events = try await clinic.test.emitted(AppointmentStatusChanged.self).count { $0.appointment == visit.id }
            if events != told { wrong.append("\(events) told of \(told)") }
        }
        return wrong
    }

    @Test func whateverIsAskedOnlyStepsOfTheTableAreTaken() async throws {
        try await Clinic.open(zone: Self.zone) { clinic in
            let wrong = try await walk(isLong ? 200 : 12, clinic)
            #expect(wrong == [])
            let walked = await Fault.visitsGoAnywhere.injected { try? await walk(2, clinic) }
            #expect(walked != [], "without the table anything goes, and it is noticed")
        }
    }

    @Test func threeHundredVisitsOfADayAreReadAtOnce() async throws {
        try await Clinic.open(zone: Self.zone) { clinic in
            _ = try await clinic.practitioner()
            let pool = clinic.test.database.pool(clinic.test.database.superuser)
            try await pool.run(
                """
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
                SELECT gen_random_uuid(), 1, 'booked', gen_random_uuid(), gen_random_uuid(), \(clinic.location.uuid), 'office-visit', s,
                    s + interval '20 minutes', s AT TIME ZONE \(Self.zone), \(Self.zone), true
                FROM (SELECT now() AS s) start, generate_series(1, 300)
                """)
            try await pool.run("ANALYZE")
            await pool.close()
            let desk = try await clinic.keys.staff(.frontDesk)
            var slowest = Duration.zero
            for _ in 0..<5 {
                let started = ContinuousClock.now
                #expect(try await clinic.bus.ask(ReadDay(), as: desk).appointments.count == 300)
                slowest = max(slowest, .now - started)
            }
            #expect(slowest < .milliseconds(200))
        }
    }
}
