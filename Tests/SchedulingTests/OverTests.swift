import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// When somebody must be seen: booked over others, with a reason.
@Suite struct OverTests {
    private func over(
        _ opening: Opening, at local: String? = nil, for patient: ID<Patient> = .init(), told: Int = 0, reason: String = "Fever since yesterday",
        id: ID<Appointment> = .init(), _ clinic: Clinic
    ) async throws -> Answer<BookOver> {
        let command = BookOver(
            appointment: id, patient: patient, practitioner: opening.practitioner, location: opening.location, service: opening.service,
            start: local ?? opening.start.local, reason: reason, collisions: told, key: .v7())
        return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk))
    }

    @Test func whatItCollidesWithIsKnownFirst() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            #expect(try await clinic.book(opening).reply != nil)
            let visit = Collision(kind: .visit, start: opening.start, service: opening.service)
            #expect(try await over(opening, clinic).refusal == .collides([visit]))
            #expect(try await over(opening, told: 2, clinic).refusal == .collides([visit]))
            let (patient, id) = (ID<Patient>(), ID<Appointment>())
            let booked = try await over(opening, for: patient, told: 1, id: id, clinic)
            #expect(booked.reply?.start == opening.start)
            #expect(try await over(opening, for: patient, told: 1, id: id, clinic).reply == booked.reply, "the same form sent twice")
            // A third one over both: each in a lane of its own; and nothing that is offered comes beside them.
            #expect(try await over(opening, told: 2, clinic).reply != nil)
            guard case .refused(.notOffered) = try await clinic.book(opening) else { throw Unexpected("offered beside an override") }
            let day = try await clinic.bus.ask(ReadDay(day: clinic.day(3)), as: clinic.keys.staff(.frontDesk))
            #expect(day.appointments.count == 3 && day.appointments.count { $0.isOverride == true } == 2)
            #expect(try await clinic.test.emitted(AppointmentBooked.self).count == 3)
            // Whoever answers for the desk finds both, with why.
            let desk = try await clinic.keys.staff(.frontDesk)
            let month = try await clinic.bus.ask(ReadScheduleMonth(month: String(clinic.day(3).prefix(7))), as: desk)
            #expect(month.overrides.map(\.reason) == ["Fever since yesterday", "Fever since yesterday"] && month.total == 2)
            #expect(Set(month.overrides.map(\.visit.appointment)) == Set(day.appointments.filter { $0.isOverride == true }.map(\.appointment)))
            for other in ["1999-01", "2026-13", "soon"] {
                #expect(try await clinic.bus.ask(ReadScheduleMonth(month: other), as: desk).total == 0)
            }
            // Moved to a time that is offered it is a visit as any other.
            let free = try #require(try await clinic.openings(of: practitioner, from: clinic.day(5)).first)
            let move = RescheduleAppointment(
                appointment: id, patient: patient, version: 1, practitioner: practitioner, location: free.location, start: free.start.instant,
                key: .v7())
            #expect(try await clinic.bus.request(move, as: clinic.keys.staff(.frontDesk)).reply != nil)
            let moved = try await clinic.bus.request(ReadAppointment(appointment: id), as: clinic.keys.worker("notifications"))
            #expect(moved.reply?.isOverride == nil)
        }
    }

    /// Who looks at a page of before, on which the time was free, has it no more; a visit is not in its own way.
    @Test func whatIsBookedOverIsTakenFromWhoComesLater() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3), days: 1)
            let (first, other) = (try #require(openings.first), try #require(openings.last))
            let (mover, moved) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(other, for: mover, appointment: moved).reply != nil)
            // It overlaps the first two times, and is at neither.
            let (patient, id) = (ID<Patient>(), ID<Appointment>())
            #expect(try await over(first, at: "\(clinic.day(3))T08:10", for: patient, id: id, clinic).reply != nil)
            for opening in openings.prefix(2) {
                guard case .refused(.notOffered(let instead)) = try await clinic.book(opening) else { throw Unexpected("booked beside an override") }
                #expect(!instead.isEmpty && !instead.contains(opening))
                guard case .refused(.notOffered) = try await clinic.hold(opening, for: .init()) else { throw Unexpected("held beside an override") }
            }
            func move(_ visit: ID<Appointment>, of patient: ID<Patient>, to opening: Opening) async throws -> Answer<RescheduleAppointment> {
                let command = RescheduleAppointment(
                    appointment: visit, patient: patient, version: 1, practitioner: practitioner, location: opening.location,
                    start: opening.start.instant, key: .v7())
                return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk))
            }
            guard case .refused(.notOffered) = try await move(moved, of: mover, to: first) else { throw Unexpected("moved beside an override") }
            #expect(try await clinic.status(of: moved) == "booked")
            #expect(try await move(id, of: patient, to: first).reply?.start == first.start)
            // Where it was there is nothing any more.
            #expect(try await clinic.book(openings[1]).reply != nil)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func aPatientIsNotInTwoPlacesWhoeverBooks() async throws {
        try await Clinic.open { clinic in
            let (one, two) = (try await clinic.practitioner(), try await clinic.practitioner())
            let opening = try #require(try await clinic.openings(of: one, from: clinic.day(3)).first)
            let (patient, id) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.book(opening, for: patient, appointment: id).reply != nil)
            var same = opening
            same.practitioner = two
            #expect(try await over(same, for: patient, clinic).refusal == .patientBusy(with: id))
        }
    }

    @Test func outsideHoursAndDuringLeaveItSaysSo() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let evening = "\(clinic.day(3))T19:00"
            #expect(try await over(opening, at: evening, clinic).refusal == .collides([Collision(kind: .hours)]))
            #expect(try await over(opening, at: evening, told: 1, clinic).reply?.start.local == evening)
            let holiday = KeepAbsence(id: .v7(), what: .holiday(location: clinic.location, day: clinic.day(4)), note: "Founders")
            #expect(try await clinic.bus.request(holiday, as: clinic.keys.staff(.frontDesk)).reply != nil)
            #expect(try await over(opening, at: "\(clinic.day(4))T09:00", clinic).refusal == .collides([Collision(kind: .holiday)]))
            func problems(_ answer: Answer<BookOver>) -> [String] {
                if case .refused(.invalid(let problems)) = answer { problems.map(\.field) } else { [] }
            }
            #expect(problems(try await over(opening, at: "2020-01-01T09:00", clinic)) == ["start"])
            #expect(problems(try await over(opening, at: "soon", reason: " ", clinic)) == ["start", "reason"])
            var elsewhere = opening
            elsewhere.location = .init()
            #expect(problems(try await over(elsewhere, clinic)) == ["location"])
        }
    }
}
