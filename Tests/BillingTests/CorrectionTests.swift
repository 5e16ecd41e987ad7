import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// What was wrong is set right by entries: charges that never should have been, and large amounts by two people.
@Suite(.serialized) struct CorrectionTests {
    @Test func aChargeIsVoidOnceAndTheVisitWaitsForTheOfficeAgain() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["OV20", "DRAW"])
            let lines = try await office.read(invoice, of: patient).lines
            let (first, other) = (try #require(lines.first), try #require(lines.last))
            func void(_ charge: ID<Charge>, of owner: ID<Patient>? = nil) -> VoidCharge {
                VoidCharge(patient: owner ?? patient, charge: charge, reason: .notRendered, key: .v7())
            }
            #expect(try await office.bus.request(void(first.charge.charge, of: .init()), as: office.clerk) == .refused(.notFound))
            // Paid in part: what came for it has to go somewhere first.
            let cash = TakeCash(patient: patient, invoice: invoice, payment: .init(), amount: Money(100, "USD"))
            #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done()))
            let before = try await office.books()
            #expect(try await office.bus.request(void(first.charge.charge), as: office.clerk) == .refused(.notWhollyOwed))
            #expect(try await office.books() == before)
            #expect(try await office.bus.request(void(other.charge.charge), as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(void(other.charge.charge), as: office.clerk) == .refused(.alreadyVoid))
            #expect(try await office.due(invoice, of: patient) == first.charge.charged.amount - 100)
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).missing == [])
            let refund = RefundPayment(
                patient: patient, payment: cash.payment, refund: .init(), amount: Money(100, "USD"), reason: .notRendered, takesOff: false)
            #expect(try await office.bus.request(refund, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(void(first.charge.charge), as: office.clerk) == .done(Done()))
            #expect(try await office.due(invoice, of: patient) == 0)
            // Nothing of that visit counts any more: the office says anew what was done.
            let missing = try await office.bus.ask(ReadBillingWork(), as: office.clerk).missing.map(\.encounter)
            #expect(missing == [first.charge.encounter])
            // What is void comes on no bill again.
            let issue = IssueInvoice(patient: patient, invoice: .init(), charges: [first.charge.charge])
            #expect(try await office.bus.request(issue, as: office.clerk) == .refused(.notFound))
            #expect(try await office.proof().problems == [])
        }
    }

    @Test func aChargeOnNoBillIsVoidWithoutAnEntry() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            try await office.charge(patient, ["OV20"])
            let charge = try #require(try await office.bus.ask(ReadBills(patient: patient), as: office.clerk).charges.first)
            let void = VoidCharge(patient: patient, charge: charge.charge, reason: .duplicate, key: .v7())
            #expect(try await office.bus.request(void, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.ask(ReadBills(patient: patient), as: office.clerk).charges == [])
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).unbilled == [])
            #expect(try await office.books() == [])
        }
    }

    @Test func aBillIsCancelledAsAWholeOrNotAtAll() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let me = try await office.patient(patient)
            let invoice = try await office.bill(patient, ["OV20", "LIPID", "DRAW"])
            func cancel() -> CancelInvoice { CancelInvoice(patient: patient, invoice: invoice, reason: .duplicate, key: .v7()) }
            let off = AdjustInvoice(patient: patient, invoice: invoice, isWriteOff: false, amount: Money(1, "USD"), reason: .courtesy, key: .v7())
            #expect(try await office.bus.request(off, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(cancel(), as: office.clerk) == .refused(.notWhollyOwed))
            let entry = try #require(try await office.read(invoice, of: patient).lines.first?.entries.first?.entry)
            let undo = ReverseAdjustment(patient: patient, entry: entry, key: .v7())
            #expect(try await office.bus.request(undo, as: office.clerk) == .done(Done()))
            let start = StartPayment(patient: patient, invoice: invoice, payment: .init(), amount: Money(1, "USD"))
            #expect(try await office.bus.request(start, as: me) == .done(Done()))
            #expect(try await office.bus.request(cancel(), as: office.clerk) == .refused(.underWay(payment: start.payment)))
            let outcome = CardOutcome(payment: start.payment, patient: patient, invoice: invoice, amount: 1)
            try await office.database.transaction { tx in try await outcome.end(failure: nil, in: tx) }
            let dispute = DisputeLine(
                patient: patient, charge: try await office.read(invoice, of: patient).lines[0].charge.charge, dispute: .init(), reason: .notDone)
            #expect(try await office.bus.request(dispute, as: me) == .done(Done()))
            let all = cancel()
            for _ in 0..<2 { #expect(try await office.bus.request(all, as: office.clerk) == .done(Done())) }
            #expect(try await office.bus.request(cancel(), as: office.clerk) == .refused(.alreadyVoid))
            let bill = try await office.read(invoice, of: patient)
            #expect(bill.summary.due == 0 && bill.summary.disputed == nil && bill.lines.allSatisfy { $0.due == 0 && $0.paid == 0 })
            #expect(bill.lines.allSatisfy { $0.entries.last?.kind == "void" })
            #expect(try await office.proof().balances.filter { $0.balance.amount != 0 } == [])
            #expect(try await office.proof().problems == [])
        }
    }

    @Test func aLargeAmountIsDecidedByASecondPerson() async throws {
        try await withOffice(limit: 1_000) { office in
            let patient = ID<Patient>()
            let second = try await office.service.keys.staff(.administrator)
            let invoice = try await office.bill(patient, ["OV20"])
            let cash = TakeCash(patient: patient, invoice: invoice, payment: .init(), amount: Money(5_000, "USD"))
            #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done()))
            let small = AdjustInvoice(
                patient: patient, invoice: invoice, isWriteOff: true, amount: Money(1_000, "USD"), reason: .hardship, key: .v7())
            #expect(try await office.bus.request(small, as: office.clerk) == .done(Done()))
            #expect(try await office.due(invoice, of: patient) == 10_800)
            let before = try await office.books()
            let off = AdjustInvoice(
                patient: patient, invoice: invoice, isWriteOff: true, amount: Money(1_001, "USD"), reason: .hardship, key: .v7())
            let back = RefundPayment(
                patient: patient, payment: cash.payment, refund: .init(), amount: Money(4_000, "USD"), reason: .duplicate, takesOff: false)
            for _ in 0..<2 {
                #expect(try await office.bus.request(off, as: office.clerk) == .done(Done()))
                #expect(try await office.bus.request(back, as: office.clerk) == .done(Done()))
            }
            // It waits, and the books are as they were.
            #expect(try await office.books() == before)
            let waiting = try await office.bus.ask(ReadBillingWork(), as: office.clerk)
            #expect(waiting.approvals?.map(\.kind) == ["write-off", "refund"] && waiting.approvalsTotal == 2)
            #expect(try await office.read(invoice, of: patient).approvals?.count == 2)
            let mine = try await office.bus.request(ReadInvoice(patient: patient, invoice: invoice), as: office.patient(patient))
            guard case .done(let shown) = mine else { throw TryLater("not shown") }
            #expect(shown.approvals == nil)
            func decide(_ approval: UUID, approves: Bool = true) -> DecideApproval {
                DecideApproval(patient: patient, approval: ID(approval), approves: approves, key: .v7())
            }
            #expect(try await office.bus.request(decide(off.key), as: office.clerk) == .refused(.own))
            #expect(try await office.bus.request(decide(off.key), as: second) == .done(Done()))
            #expect(try await office.bus.request(decide(off.key), as: second) == .refused(.notFound))
            #expect(try await office.due(invoice, of: patient) == 9_799)
            // Meanwhile most of the payment was given back in small parts: so much is not left.
            for _ in 0..<2 {
                let part = RefundPayment(
                    patient: patient, payment: cash.payment, refund: .init(), amount: Money(1_000, "USD"), reason: .duplicate, takesOff: false)
                #expect(try await office.bus.request(part, as: office.clerk) == .done(Done()))
            }
            #expect(try await office.bus.request(decide(back.key), as: second) == .refused(.notPossible))
            #expect(try await office.bus.request(decide(back.key, approves: false), as: office.clerk) == .done(Done()))
            #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).approvals == [])
            let less = RefundPayment(
                patient: patient, payment: cash.payment, refund: .init(), amount: Money(3_000, "USD"), reason: .duplicate, takesOff: true)
            #expect(try await office.bus.request(less, as: office.clerk) == .done(Done()))
            #expect(try await office.bus.request(decide(less.key), as: second) == .done(Done()))
            let bill = try await office.read(invoice, of: patient)
            #expect(bill.payments.first?.refunded == 5_000 && bill.summary.due == 16_800 - 1_000 - 1_001 - 3_000)
            #expect(try await office.proof().problems == [])
        }
    }
}
