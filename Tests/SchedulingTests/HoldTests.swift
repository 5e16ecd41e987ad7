import Contracts
import Foundation
import MessageBus
import TestSupport
import Testing

@testable import Scheduling

@Suite struct HoldTests {
    @Test func aHeldTimeIsNobodyElsesAndBecomesABooking() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            let held = try #require(try await clinic.hold(opening, for: patient, appointment: appointment).reply)
            #expect((590...605).contains(held.until.timeIntervalSinceNow))
            #expect(held.start == opening.start && held.end == opening.end)
            #expect(try await !clinic.openings(of: practitioner, from: clinic.day(3)).contains(opening))
            guard case .refused(.taken(let alternatives)) = try await clinic.book(opening) else { throw Unexpected("not refused") }
            #expect(alternatives.count == 3 && !alternatives.contains(opening))

            let booked = try #require(try await clinic.book(opening, for: patient, appointment: appointment).reply)
            #expect(booked == Booked(appointment: appointment, version: 2, start: opening.start, end: opening.end))
            #expect(try await clinic.test.emitted(AppointmentHeld.self).map(\.version) == [1])
            #expect(try await clinic.test.emitted(AppointmentBooked.self).map(\.version) == [2])
            #expect(try await clinic.lapse() == 0)
        }
    }

    @Test func aThirdHoldIsRefused() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let patient = ID<Patient>()
            let answers = try await withThrowingTaskGroup(of: Answer<HoldAppointment>.self) { group in
                for opening in openings.prefix(6) { group.addTask { try await clinic.hold(opening, for: patient) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0.reply != nil }.count == 2)
            #expect(answers.filter { $0.refusal == .tooManyHolds }.count == 4)
        }
    }

    @Test func aLapsedHoldIsInNobodysWay() async throws {
        try await Clinic.open(Bookings(holdSeconds: 0.3)) { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.hold(opening, for: patient, appointment: appointment).reply != nil)
            try await Task.sleep(for: .milliseconds(400))
            #expect(try await clinic.openings(of: practitioner, from: clinic.day(3)).first == opening)

            // Too late to confirm; the time itself is free and may be among what is offered instead.
            guard case .refused(.holdLapsed(let alternatives)) = try await clinic.book(opening, for: patient, appointment: appointment) else {
                throw Unexpected("a lapsed hold was confirmed")
            }
            #expect(alternatives.count == 3)
            // Nobody has to wait for the sweep: neither somebody else, nor the patient at another clinician's.
            #expect(try await clinic.book(opening).reply != nil)
            let other = try await clinic.practitioner()
            let same = try #require(try await clinic.openings(of: other, from: clinic.day(3)).first)
            #expect(same.start == opening.start)
            #expect(try await clinic.book(same, for: patient).reply != nil)

            #expect(try await clinic.lapse() == 1)
            #expect(try await clinic.status(of: appointment) == "cancelled")
            #expect(
                try await clinic.test.emitted(AppointmentCancelled.self)
                    == [AppointmentCancelled(appointment: appointment, version: 2, patient: patient, reason: "hold-expired")])
            #expect(try await clinic.lapse() == 0)
            #expect(try await clinic.doubleBookings() == 0)
        }
    }

    @Test func whatNobodyHoldsAndWhatSomebodyElseHoldsAreRefusedAlike() async throws {
        try await Clinic.open(Bookings()) { clinic in
            let practitioner = try await clinic.practitioner()
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (owner, stranger, appointment) = (ID<Patient>(), ID<Patient>(), ID<Appointment>())
            #expect(try await clinic.hold(opening, for: owner, appointment: appointment).reply != nil)
            func confirm(_ id: ID<Appointment>, for patient: ID<Patient>) async throws -> Answer<BookAppointment> {
                var command = clinic.command(opening, for: patient, appointment: id)
                command.onlyHeld = true
                return try await clinic.bus.request(command, as: clinic.keys.patient(patient), within: .seconds(20))
            }
            #expect(try await confirm(appointment, for: stranger) == .refused(.idInUse))
            #expect(try await confirm(.init(), for: stranger) == .refused(.idInUse))
            #expect(try await clinic.status(of: appointment) == "pending")
            #expect(try await confirm(appointment, for: owner).reply != nil)
            #expect(try await clinic.test.emitted(AppointmentBooked.self).map(\.appointment) == [appointment])
        }
    }

    @Test func ofConfirmingExpiringAndTakingOneWins() async throws {
        try await Clinic.open(Bookings(holdSeconds: 0.25)) { clinic in
            let practitioner = try await clinic.practitioner()
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            for opening in openings.prefix(isLong ? 150 : 30) {
                let (patient, appointment) = (ID<Patient>(), ID<Appointment>())
                let held = try #require(try await clinic.hold(opening, for: patient, appointment: appointment).reply)
                try await Task.sleep(for: .seconds(max(0, held.until.timeIntervalSinceNow - .random(in: 0...0.01))))
                async let confirmed = clinic.book(opening, for: patient, appointment: appointment)
                async let taken = clinic.book(opening)
                async let lapsed = clinic.lapse()
                let (first, second, _) = try await (confirmed, taken, lapsed)
                let winners = [first, second].compactMap(\.reply)
                // Both may come too early for themselves: the taker just before the hold ends, the holder just after. Never do both win.
                #expect(winners.count <= 1)
                let status = try await clinic.status(of: appointment)
                #expect(first.reply == nil ? ["pending", "cancelled"].contains(status) : status == "booked")
                _ = try await clinic.lapse()
            }
            // The last of them may have been left to a transaction that was still being undone.
            try await Task.sleep(for: .milliseconds(300))
            _ = try await clinic.lapse()
            #expect(try await clinic.doubleBookings() == 0)
            // Every hold came to exactly one end.
            let booked = Set(try await clinic.test.emitted(AppointmentBooked.self).map(\.appointment))
            let ended = try await clinic.test.emitted(AppointmentCancelled.self).map(\.appointment)
            #expect(Set(ended).count == ended.count)
            #expect(booked.isDisjoint(with: ended))
            #expect(
                try await clinic.test.emitted(AppointmentHeld.self).allSatisfy { booked.contains($0.appointment) || ended.contains($0.appointment) })
        }
    }
}
