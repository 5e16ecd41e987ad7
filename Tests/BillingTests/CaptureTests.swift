import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Scheduling, as far as charges ask it.
private struct Booked: Bus {
    let lines: [ID<Appointment>: String]
    var isAway = false

    func request<R: Request>(_ request: R, as token: ActorToken?, within timeout: Duration) async throws(BusError) -> Answer<R> {
        guard !isAway, let query = request as? ReadAppointment else { throw .unavailable }
        let time = ZonedTime(Date(), local: "2026-11-24T10:40", zone: "America/Chicago")
        if let service = lines[query.appointment] {
            let line = AppointmentLine(
                appointment: query.appointment, version: 3, status: "fulfilled", patient: .init(), practitioner: .init(), location: .init(),
                service: service, start: time, end: time)
            if let reply = line as? R.Reply { return .done(reply) }
        }
        if let refusal = CancelRefusal.notFound as? R.Refusal { return .refused(refusal) }
        throw .failed
    }
}

/// What a visit costs, and visits nobody charged.
@Suite(.serialized) struct CaptureTests {
    @Test func aBookedVisitIsChargedOnceByItsKindAndTheOthersWaitForTheOffice() async throws {
        try await withOffice { office in
            let (patient, booked, other, gone) = (ID<Patient>(), ID<Appointment>(), ID<Appointment>(), ID<Appointment>())
            let visits = [
                try await office.visit(of: patient, appointment: booked), try await office.visit(of: patient, appointment: other),
                try await office.visit(of: patient, appointment: gone), try await office.visit(of: patient),
            ]
            var scheduling = Booked(lines: [booked: "office-visit", other: "check-up"], isAway: true)
            try await ChargeCapture(database: office.database, bus: scheduling).round()
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).missingTotal == 4)
            scheduling.isAway = false
            for _ in 0..<2 {
                try await office.database.transaction { tx in _ = try await tx.run("UPDATE encounter SET ask_at = now() WHERE ask_at IS NOT NULL") }
                try await ChargeCapture(database: office.database, bus: scheduling).round()
            }
            let bills = try await office.bus.ask(ReadBills(patient: patient), as: office.clerk)
            #expect(bills.charges.map(\.code) == ["OV20"] && bills.charges.first?.encounter == visits[0])
            #expect(bills.charges.first?.charged == Money(16_800, "USD") && bills.invoices.isEmpty)
            let work = try await office.bus.ask(ReadBillingWork(), as: office.clerk)
            #expect(Set(work.missing.map(\.encounter)) == Set(visits.dropFirst()) && work.missing.allSatisfy(\.isLate))
            #expect(work.unbilled == [UnbilledCharges(patient: patient, count: 1, total: Money(16_800, "USD"))])
            // Heard again it is the same visit.
            let again = EncounterFinished(
                patient: patient, encounter: visits[0], version: 3, appointment: booked, start: Date(), end: Date())
            try await office.service.hear(again, handler: "note-visit-on-encounter-finished")
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).missingTotal == 3)
        }
    }

    @Test func theOfficeSaysWhatWasDoneOrWhyNothingIsCharged() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let (visit, free) = (try await office.visit(of: patient), try await office.visit(of: patient))
            func charge(
                _ services: [ChargedService], _ nothing: String? = nil, at encounter: ID<Resource>? = nil
            ) async throws -> Answer<ChargeVisit> {
                let command = ChargeVisit(patient: patient, encounter: encounter ?? visit, services: services, nothing: nothing, key: .v7())
                return try await office.bus.request(command, as: office.clerk)
            }
            #expect(try await charge([]) == .refused(.nothingSaid))
            #expect(try await charge([ChargedService(code: "OV20", quantity: 1)], "courtesy") == .refused(.nothingSaid))
            #expect(try await charge([], "because") == .refused(.nothingSaid))
            for quantity in [0, -1, 100] {
                #expect(try await charge([ChargedService(code: "OV20", quantity: quantity)]) == .refused(.invalidQuantity))
            }
            #expect(try await charge([ChargedService(code: "GONE", quantity: 1)]) == .refused(.unknownService))
            #expect(try await charge([ChargedService(code: "OV20", quantity: 1)], at: .init()) == .refused(.notFound))
            #expect(try await charge([ChargedService(code: "DRAW", quantity: 3), ChargedService(code: "OV20", quantity: 1)]) == .done(Done()))
            #expect(try await charge([], "follow-up", at: free) == .done(Done()))
            #expect(try await charge([], "follow-up") == .refused(.nothingSaid))
            let charges = try await office.bus.ask(ReadBills(patient: patient), as: office.clerk).charges
            #expect(Set(charges.map(\.charged.amount)) == [3 * 1_799, 16_800])
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).missingTotal == 0)
        }
    }

    @Test func aChargeIsOnOneBillAndKeepsItsPrice() async throws {
        try await withOffice { office in
            let (patient, other) = (ID<Patient>(), ID<Patient>())
            try await office.charge(patient, ["OV20", "DRAW"])
            try await office.charge(other, ["OV20"])
            let charges = try await office.bus.ask(ReadBills(patient: patient), as: office.clerk).charges.map(\.charge)
            let theirs = try await office.bus.ask(ReadBills(patient: other), as: office.clerk).charges.map(\.charge)
            func issue(_ charges: [ID<Charge>]) async throws -> Answer<IssueInvoice> {
                try await office.bus.request(IssueInvoice(patient: patient, invoice: .init(), charges: charges), as: office.clerk)
            }
            #expect(try await issue([]) == .refused(.invalid))
            #expect(try await issue(charges + charges) == .refused(.invalid))
            #expect(try await issue(charges + theirs) == .refused(.notFound))
            let fees = [Fee(code: "OV20", name: ["en": "Visit", "es": "Visita"], price: Money(99_900, "EUR"), visit: nil)]
            #expect(try await office.bus.request(LoadFees(fees: fees, key: .v7()), as: office.service.keys.operator()) == .done(Done()))
            #expect(try await office.bus.ask(ReadFees(), as: office.clerk).fees == fees)
            try await office.charge(patient, ["OV20"])
            let euros = try await office.bus.ask(ReadBills(patient: patient), as: office.clerk).charges.filter { $0.charged.currency == "EUR" }
            #expect(try await issue(charges + euros.map(\.charge)) == .refused(.severalCurrencies))
            #expect(try await issue(charges) == .done(Done()))
            #expect(try await issue([charges[0]]) == .refused(.alreadyBilled))
            #expect(try await issue(euros.map(\.charge)) == .done(Done()))
            let due = try await office.bus.ask(ReadBills(patient: patient), as: office.patient(patient)).due
            #expect(due == [Money(99_900, "EUR"), Money(18_599, "USD")])
            let half = Fee(code: "A", name: ["en": "A"], price: Money(1, "USD"))
            let free = Fee(code: "A", name: ["en": "A", "es": "A"], price: Money(0, "USD"))
            for wrong in [[], fees + fees, [half], [free]] {
                let answer = try await office.bus.request(LoadFees(fees: wrong, key: .v7()), as: office.service.keys.operator())
                guard case .refused(.invalid) = answer else {
                    Issue.record("\(wrong.count) fees were taken")
                    continue
                }
            }
        }
    }
}
