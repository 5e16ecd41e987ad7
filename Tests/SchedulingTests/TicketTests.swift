import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Scheduling

/// S10: a kind of visit that patients book with an order, once an order.
@Suite struct TicketTests {
    private func practitioner(_ clinic: Clinic) async throws -> ID<Practitioner> {
        let practitioner = ID<Practitioner>()
        var service = Clinic.service
        service.rules = VisitRules(mode: .view, byOrder: true)
        _ = try await clinic.bus.request(clinic.publication(practitioner, service: service), as: clinic.keys.operator())
        return practitioner
    }

    private func issue(
        _ order: ID<Resource>, to patient: ID<Patient>, _ clinic: Clinic, service: String = Clinic.service.code
    ) async throws -> Answer<IssueTicket> {
        let command = IssueTicket(order: order, patient: patient, service: service, key: .v7())
        return try await clinic.bus.request(command, as: clinic.keys.staff(.frontDesk))
    }

    private func end(_ order: ID<Resource>, of patient: ID<Patient>, _ clinic: Clinic) async throws {
        try await clinic.test.hear(OrderEnded(patient: patient, order: order, version: 2), handler: "end-ticket-on-order-ended")
    }

    private func mode(_ patient: ID<Patient>, _ clinic: Clinic) async throws -> SelfScheduling? {
        try await clinic.bus.ask(ReadAppointments(patient: patient), as: clinic.keys.patient(patient)).services
            .first { $0.code == Clinic.service.code }?.rules?.mode
    }

    @Test func anOrderIsGoodForOneBooking() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let (patient, other, order) = (ID<Patient>(), ID<Patient>(), ID<Resource>())
            // Without one they see when there are times, and no more.
            #expect(try await mode(patient, clinic) == .view)
            #expect(try await clinic.book(openings[0], for: patient).refusal == .byClinicOnly)
            #expect(try await clinic.hold(openings[0], for: patient).refusal == .byClinicOnly)
            #expect(try await issue(order, to: patient, clinic).reply != nil)
            #expect(try await mode(patient, clinic) == .direct)
            #expect(try await clinic.book(openings[0], for: other).refusal == .byClinicOnly)
            let visit = ID<Appointment>()
            #expect(try await clinic.book(openings[0], for: patient, appointment: visit).reply != nil)
            #expect(try await mode(patient, clinic) == .view)
            #expect(try await clinic.book(openings[1], for: patient).refusal == .byClinicOnly)
            #expect(try await issue(order, to: patient, clinic).refusal == .over)
            // It moves as any other; cancelled, the order is good again.
            let move = RescheduleAppointment(
                appointment: visit, patient: patient, version: 1, practitioner: practitioner, location: openings[3].location,
                start: openings[3].start.instant, key: .v7())
            #expect(try await clinic.bus.request(move, as: clinic.keys.staff(.frontDesk)).reply != nil)
            #expect(try await clinic.cancel(visit, of: patient).reply != nil)
            #expect(try await clinic.book(openings[1], for: patient).reply != nil)
            // A second order, a second visit; the desk's bookings use one up too.
            let next = ID<Resource>()
            #expect(try await issue(next, to: patient, clinic).reply != nil)
            let desk = try await clinic.keys.staff(.frontDesk)
            #expect(try await clinic.bus.request(clinic.command(openings[5], for: patient), as: desk).reply != nil)
            #expect(try await clinic.book(openings[6], for: patient).refusal == .byClinicOnly)
        }
    }

    /// Whatever comes at once: the constraint holds.
    @Test func ofManyAtOnceOneBooksByIt() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let openings = try await clinic.openings(of: practitioner, from: clinic.day(3))
            let patient = ID<Patient>()
            #expect(try await issue(.init(), to: patient, clinic).reply != nil)
            let booked = try await withThrowingTaskGroup(of: Bool.self) { group in
                for opening in openings.prefix(8) { group.addTask { try await clinic.book(opening, for: patient).reply != nil } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(booked == 1)
        }
    }

    @Test func anOrderThatIsOverIsNoTicket() async throws {
        try await Clinic.open { clinic in
            let practitioner = try await practitioner(clinic)
            let opening = try #require(try await clinic.openings(of: practitioner, from: clinic.day(3)).first)
            let (patient, order, early) = (ID<Patient>(), ID<Resource>(), ID<Resource>())
            #expect(try await issue(order, to: patient, clinic).reply != nil)
            for _ in 0..<2 { try await end(order, of: patient, clinic) }
            #expect(try await clinic.book(opening, for: patient).refusal == .byClinicOnly)
            #expect(try await issue(order, to: patient, clinic).refusal == .over)
            // Heard before the ticket was given.
            try await end(early, of: patient, clinic)
            #expect(try await issue(early, to: patient, clinic).refusal == .over)
            // Another's order, and a kind of visit that needs none.
            let theirs = ID<Resource>()
            #expect(try await issue(theirs, to: .init(), clinic).reply != nil)
            #expect(try await issue(theirs, to: patient, clinic).refusal == .over)
            #expect(try await issue(.init(), to: patient, clinic, service: "nothing").refusal == .notByOrder)
            // A held time is the patient's until the hold lapses; by a lapsed one nothing is used up.
            #expect(try await issue(.init(), to: patient, clinic).reply != nil)
            let held = ID<Appointment>()
            #expect(try await clinic.hold(opening, for: patient, appointment: held).reply != nil)
            #expect(try await mode(patient, clinic) == .view)
            #expect(try await clinic.book(opening, for: patient, appointment: held).reply != nil)
        }
    }
}
