import Access
import Contracts
import Foundation
import Logging
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// The books: that they balance, that nobody changes them, and that what is refused leaves them as they are.
///
/// * I22 debits = credits per entry and currency; append-only: `anEntryThatDoesNotBalanceIsNone`, `nobodyChangesTheBooks`, and `ModelTests`
@Suite(.serialized) struct LedgerTests {
    @Test func everyLineOfABillIsTracedToItsVisitChargeAndPayment() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient)
            #expect(try await office.service.emitted(InvoiceIssued.self).map(\.invoice) == [invoice])
            let cash = TakeCash(patient: patient, invoice: invoice, payment: .init(), amount: Money(20_000, "USD"))
            for _ in 0..<2 { #expect(try await office.bus.request(cash, as: office.clerk) == .done(Done())) }
            let off = AdjustInvoice(
                patient: patient, invoice: invoice, isWriteOff: true, amount: Money(999, "USD"), reason: .smallBalance, key: .v7())
            #expect(try await office.bus.request(off, as: office.clerk) == .done(Done()))
            let bill = try await office.read(invoice, of: patient)
            #expect(bill.summary.total == Money(23_999, "USD") && bill.summary.due == 3_000)
            #expect(bill.lines.reduce(0) { $0 + $1.due } == bill.summary.due)
            #expect(bill.lines.reduce(0) { $0 + $1.paid } == 20_000)
            // The first line first, and no cent is lost between them.
            for line in bill.lines {
                #expect(line.due == line.charge.charged.amount + line.entries.reduce(0) { $0 + $1.amount })
                for entry in line.entries where entry.kind == "payment" { #expect(entry.payment == cash.payment) }
            }
            #expect(bill.payments.map(\.payment) == [cash.payment])
            let mine = try await office.bus.request(ReadInvoice(patient: patient, invoice: invoice), as: office.patient(patient))
            guard case .done(let shown) = mine else { throw TryLater("not shown") }
            #expect(shown.lines == bill.lines)
            // Somebody else's is not there.
            let stranger = ID<Patient>()
            let theirs = try await office.bus.request(ReadInvoice(patient: stranger, invoice: invoice), as: office.patient(stranger))
            #expect(theirs == .refused(.notFound))
            await #expect(throws: BusError.notAllowed) {
                try await office.bus.request(ReadInvoice(patient: patient, invoice: invoice), as: office.patient(stranger))
            }
            // Who sees a part of the record only has no part in its bills.
            await #expect(throws: BusError.notAllowed) {
                try await office.bus.ask(ReadBills(patient: patient), as: office.service.keys.proxy(for: patient, .limited))
            }
            #expect(try await office.proof().holds)
        }
    }

    @Test func nobodyChangesTheBooks() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            _ = try await office.bill(patient)
            let before = try await office.books()
            for role in ["billing_limited", "billing_staff", "billing_worker"] {
                for table in ["entry", "posting", "charge", "invoice", "invoice_line", "balance", "charge_void"] {
                    for act in ["UPDATE \(table) SET patient = patient", "DELETE FROM \(table)", "TRUNCATE \(table)"] {
                        let error = await #expect(throws: DatabaseError.self) {
                            try await office.service.pool.transaction([SQL(trusted: "SET LOCAL ROLE \(role)")]) { tx in
                                _ = try await tx.run(SQL(trusted: act))
                            }
                        }
                        // Permission denied.
                        #expect(error?.sqlState == "42501", "\(role): \(act)")
                    }
                }
            }
            #expect(try await office.books() == before && !before.isEmpty)
        }
    }

    @Test func anEntryThatDoesNotBalanceIsNone() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["OV20"])
            let before = try await office.books()
            let charge = try await office.read(invoice, of: patient).lines.first?.charge.charge.uuid
            let lopsided: [[Posting]] = [
                [Posting(account: .cash, amount: 100), Posting(account: .receivable, charge: charge, amount: -99)],
                [Posting(account: .cash, amount: 1)], [],
            ]
            for postings in lopsided {
                let error = await #expect(throws: DatabaseError.self) {
                    try await office.database.transaction { tx in
                        Entry(
                            kind: .payment, patient: patient, invoice: invoice.uuid, currency: "USD", about: UUID(), postings: postings
                        ).write(in: tx)
                        try await tx.flush()
                    }
                }
                #expect(error?.constraint == "entry_balances")
            }
            // Two currencies make no entry.
            let error = await #expect(throws: DatabaseError.self) {
                try await office.database.transaction { tx in
                    let id = UUID()
                    tx.queue(
                        """
                        INSERT INTO entry (id, kind, patient, invoice, currency, about)
                        VALUES (\(id), 'payment', \(patient.uuid), \(invoice.uuid), 'USD', \(UUID()))
                        """)
                    try await tx.run(
                        """
                        INSERT INTO posting (entry, place, account, patient, amount, currency)
                        VALUES (\(id), 0, 'cash', \(patient.uuid), 1, 'USD'), (\(id), 1, 'revenue', \(patient.uuid), -1, 'EUR')
                        """)
                }
            }
            #expect(error?.constraint == "posting_of")
            #expect(try await office.books() == before)
        }
    }

    @Test func whatIsNotToBePaidIsRefusedWithTheReasonAndChangesNothing() async throws {
        try await withOffice { office in
            let (patient, other) = (ID<Patient>(), ID<Patient>())
            let (invoice, theirs) = (try await office.bill(patient, ["DRAW"]), try await office.bill(other, ["DRAW"]))
            let me = try await office.patient(patient)
            let before = try await office.books()
            let cases: [(ID<Invoice>, Money, PaymentRefusal)] = [
                (invoice, Money(-1, "USD"), .invalidAmount), (invoice, Money(0, "USD"), .invalidAmount),
                (invoice, Money(.min, "USD"), .invalidAmount),
                (invoice, Money(1_800, "USD"), .tooMuch(due: 1_799)), (invoice, Money(.max, "USD"), .tooMuch(due: 1_799)),
                (invoice, Money(100, "EUR"), .otherCurrency(currency: "USD")), (theirs, Money(100, "USD"), .notFound),
                (.init(), Money(100, "USD"), .notFound),
            ]
            for (bill, amount, refusal) in cases {
                let start = StartPayment(patient: patient, invoice: bill, payment: .init(), amount: amount)
                #expect(try await office.bus.request(start, as: me) == .refused(refusal), "\(amount)")
                let cash = TakeCash(patient: patient, invoice: bill, payment: .init(), amount: amount)
                #expect(try await office.bus.request(cash, as: office.clerk) == .refused(refusal), "\(amount)")
                let off = AdjustInvoice(patient: patient, invoice: bill, isWriteOff: false, amount: amount, reason: .courtesy, key: .v7())
                #expect(try await office.bus.request(off, as: office.clerk) == .refused(refusal), "\(amount)")
            }
            let start = StartPayment(patient: patient, invoice: invoice, payment: .init(), amount: Money(799, "USD"))
            for _ in 0..<2 { #expect(try await office.bus.request(start, as: me) == .done(Done())) }
            // The same key with another body is an error; another payment beside the first would be one too many.
            var another = start
            another.amount = Money(800, "USD")
            await #expect(throws: BusError.keyReused) { try await office.bus.request(another, as: me) }
            another.payment = .init()
            #expect(try await office.bus.request(another, as: me) == .refused(.underWay(payment: start.payment)))
            // Somebody else's payment under one's own name.
            let cancel = CancelPayment(patient: other, payment: start.payment, key: .v7())
            #expect(try await office.bus.request(cancel, as: office.patient(other)) == .refused(.notFound))
            let refund = RefundPayment(
                patient: patient, payment: start.payment, refund: .init(), amount: Money(1, "USD"), reason: .courtesy, takesOff: true)
            #expect(try await office.bus.request(refund, as: office.clerk) == .refused(.notFound))
            #expect(try await office.books() == before)
        }
    }

    @Test func moneyIsGivenBackOnceAndNeverMoreThanWasPaid() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["DRAW", "CENT"])
            let cash = TakeCash(patient: patient, invoice: invoice, payment: .init(), amount: Money(1_800, "USD"))
            _ = try await office.bus.request(cash, as: office.clerk)
            func refund(_ amount: Int, takesOff: Bool = false) -> RefundPayment {
                RefundPayment(
                    patient: patient, payment: cash.payment, refund: .init(), amount: Money(amount, "USD"), reason: .duplicate, takesOff: takesOff)
            }
            #expect(try await office.bus.request(refund(0), as: office.clerk) == .refused(.invalidAmount))
            #expect(try await office.bus.request(refund(1_801), as: office.clerk) == .refused(.tooMuch(left: 1_800)))
            // Thirds: no cent is made or lost.
            let first = refund(600)
            for _ in 0..<2 { #expect(try await office.bus.request(first, as: office.clerk) == .done(Done())) }
            #expect(try await office.due(invoice, of: patient) == 600)
            #expect(try await office.bus.request(refund(600, takesOff: true), as: office.clerk) == .done(Done()))
            #expect(try await office.due(invoice, of: patient) == 600)
            #expect(try await office.bus.request(refund(601), as: office.clerk) == .refused(.tooMuch(left: 600)))
            #expect(try await office.bus.request(refund(600), as: office.clerk) == .done(Done()))
            let bill = try await office.read(invoice, of: patient)
            #expect(bill.summary.due == 1_200 && bill.payments.first?.refunded == 1_800)
            #expect(try await office.service.emitted(PaymentRefunded.self).count == 3)
            #expect(try await office.proof().holds)
        }
    }

    @Test func aWrongWriteOffIsSetRightByAnEntryAgainstIt() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["DRAW", "CENT"])
            let off = AdjustInvoice(
                patient: patient, invoice: invoice, isWriteOff: true, amount: Money(1_800, "USD"), reason: .uncollectible, key: .v7())
            _ = try await office.bus.request(off, as: office.clerk)
            #expect(try await office.due(invoice, of: patient) == 0)
            let entry = try #require(try await office.read(invoice, of: patient).lines.first?.entries.first?.entry)
            let reverse = ReverseAdjustment(patient: patient, entry: entry, key: .v7())
            #expect(try await office.bus.request(reverse, as: office.clerk) == .done(Done()))
            let again = ReverseAdjustment(patient: patient, entry: entry, key: .v7())
            #expect(try await office.bus.request(again, as: office.clerk) == .refused(.alreadyReversed))
            #expect(try await office.due(invoice, of: patient) == 1_800)
            #expect(try await office.proof().holds)
        }
    }

    /// The books are broken on purpose, past every guard: the proof says what is wrong, and is kept.
    @Test func theProofFindsWhatIsWrong() async throws {
        try await withOffice { office in
            let patient = ID<Patient>()
            let invoice = try await office.bill(patient, ["DRAW"])
            let proof = NightlyProof(database: office.database, logger: .init(label: "test"))
            #expect(try await proof.prove(unlessWithin: 86_400)?.problems == [])
            #expect(try await proof.prove(unlessWithin: 86_400) == nil)
            #expect(try await office.read(invoice, of: patient).books?.holds == true)
            let superuser = office.service.database.pool(office.service.database.superuser)
            try await superuser.run("UPDATE posting SET amount = amount + 1 WHERE account = 'receivable'")
            await superuser.close()
            let found = try await proof.prove(unlessWithin: 0)
            #expect(Set(found?.problems.map(\.code) ?? []) == ["trial-balance", "unbalanced-entry", "line-not-its-charge", "kept-balance"])
            #expect(try await office.read(invoice, of: patient).books?.holds == false)
        }
    }
}
