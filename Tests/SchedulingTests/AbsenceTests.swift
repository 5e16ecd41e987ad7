import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// Leave and holidays, and whom they leave without a visit.
@Suite struct AbsenceTests {
    private func keep(_ what: Absence, note: String = "", id: UUID = .v7(), _ clinic: Clinic) async throws -> Answer<KeepAbsence> {
        try await clinic.bus.request(KeepAbsence(id: id, what: what, note: note), as: clinic.keys.staff(.frontDesk))
    }

    @Test func aLeaveTakesItsTimesAwayAndNamesWhoIsLeft() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(4), days: 3)
            let (patient, visit, id) = (ID<Patient>(), ID<Appointment>(), UUID.v7())
            #expect(try await clinic.book(openings[30], for: patient, appointment: visit).reply != nil)
            let leave = Absence.leave(
                practitioner: practitioner, from: "\(clinic.day(5))T00:00", until: "\(clinic.day(6))T00:00", zone: clinic.zone)
            #expect(try await keep(leave, note: "At a course", id: id, clinic) == .done(AbsenceKept(affected: 1)))
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(4), days: 3).count == 48)
            guard case .refused(.notOffered) = try await clinic.book(openings[31]) else { throw Unexpected("booked during leave") }
            let desk = try await clinic.keys.staff(.frontDesk)
            let line = AbsenceLine(id: id, what: leave, note: "At a course", affected: 1)
            #expect(try await clinic.bus.ask(ReadAbsences(), as: desk) == Absences(absences: [line], total: 1))
            let found = try #require(try await clinic.bus.request(ReadAffected(id: id), as: desk).reply)
            #expect(found.appointments.map(\.appointment) == [visit] && found.absence == line)
            // A nurse sees the leave, and of the visits those of whom they treat.
            #expect(try await clinic.bus.request(ReadAffected(id: id), as: clinic.keys.staff(.nurse)).reply?.appointments == [])
            // Moved to another day it is looked after.
            let move = RescheduleAppointment(
                appointment: visit, patient: patient, version: 1, practitioner: practitioner, location: clinic.location,
                start: openings[0].start.instant, key: .v7())
            #expect(try await clinic.bus.request(move, as: desk).reply != nil)
            #expect(try await clinic.bus.request(ReadAffected(id: id), as: desk).reply?.absence.affected == 0)
            let end = EndAbsence(id: id, key: .v7())
            #expect(try await clinic.bus.request(end, as: desk).reply != nil)
            #expect(try await clinic.bus.request(EndAbsence(id: id, key: .v7()), as: desk).refusal == .notFound)
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(4), days: 3).count == 71)
        }
    }

    @Test func aPlaceIsClosedOnce() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let holiday = Absence.holiday(location: clinic.location, day: clinic.day(4))
            #expect(try await keep(holiday, note: "Founders", clinic) == .done(AbsenceKept(affected: 0)))
            #expect(try await keep(holiday, note: "Again", clinic).refusal == .known)
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(4), days: 1).isEmpty)
        }
    }

    @Test func whatCannotBeIsRefused() async throws {
        try await Clinic.open { clinic in
            _ = try await clinic.practitioner()
            func refusal(_ what: Absence, note: String = "") async throws -> AbsenceRefusal? { try await keep(what, note: note, clinic).refusal }
            func leave(_ from: String, _ until: String, zone: String = "America/Chicago") -> Absence {
                .leave(practitioner: .init(), from: from, until: until, zone: zone)
            }
            #expect(try await refusal(leave("2026-12-02T00:00", "2026-12-01T00:00")) == .invalid(problems: [EntryProblem("until", .notPossible)]))
            #expect(
                try await refusal(leave("2026-02-30T00:00", "2026-12-01T25:00"))
                    == .invalid(
                        problems: [EntryProblem("from", .notPossible), EntryProblem("until", .notPossible)]))
            #expect(try await refusal(leave("2026-12-01T00:00", "2026-12-02T00:00", zone: "Mars/Olympus")) == .unknownZone)
            #expect(
                try await refusal(.holiday(location: .init(), day: "2026-13-01"))
                    == .invalid(
                        problems: [EntryProblem("day", .notPossible), EntryProblem("note", .missing)]))
            #expect(
                try await refusal(.holiday(location: .init(), day: "2026-12-25"), note: String(repeating: "x", count: 101))
                    == .invalid(problems: [EntryProblem("note", .tooLong)]))
        }
    }
}
