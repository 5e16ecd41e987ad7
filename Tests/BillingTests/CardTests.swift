import Access
import Contracts
import Foundation
import MessageBus
import Postgres
import TestSupport
import Testing

@testable import Billing

/// Paying by card, with a processor that fails in every way it can.
///
/// * I23 one charge per payment whatever dies; what is not known is pending and resolved by lookup: each test here
@Suite(.serialized) struct CardTests {
    private struct Begun {
        let patient: ID<Patient>
        let invoice: ID<Invoice>
        let payment: ID<Payment>
    }

    private func begin(_ office: Office, _ codes: [String] = ["DRAW"], amount: Int? = nil) async throws -> Begun {
        let patient = ID<Patient>()
        let invoice = try await office.bill(patient, codes)
        let all = try await office.due(invoice, of: patient)
        let command = StartPayment(patient: patient, invoice: invoice, payment: .init(), amount: Money(amount ?? all, "USD"))
        #expect(try await office.bus.request(command, as: office.patient(patient)) == .done(Done()))
        return Begun(patient: patient, invoice: invoice, payment: command.payment)
    }

    /// The processor's page of a payment.
    private func page(_ begun: Begun, _ office: Office) async throws -> String {
        let view = try await office.payment(begun.payment, of: begun.patient)
        return try #require(view.page)
    }

    private func state(_ begun: Begun, _ office: Office) async throws -> String {
        try await office.payment(begun.payment, of: begun.patient).line.state
    }

    /// One charge at the processor, one payment in the books, one event, and nothing owed.
    private func isPaidOnce(_ begun: Begun, _ office: Office, _ sandbox: Sandbox) async throws {
        #expect(try await state(begun, office) == "captured")
        #expect(try await office.due(begun.invoice, of: begun.patient) == 0)
        let charges = try await sandbox.charges().filter { $0.metadata["payment"] == begun.payment.description }
        #expect(charges.map(\.status) == ["succeeded"])
        let entries = try await office.books().filter { $0.hasPrefix("payment card") }
        #expect(entries.count == 1)
        #expect(try await office.service.emitted(PaymentCaptured.self).map(\.payment) == [begun.payment])
        #expect(try await office.proof().problems == [])
    }

    @Test func aCardPaysABillAndNothingOfTheCardComesHere() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                #expect(try await state(begun, office) == "created")
                try await teller.round()
                #expect(try await state(begun, office) == "requires-action")
                #expect(try await sandbox.type("4242424242424242", at: page(begun, office)) == 303)
                _ = try await office.bus.request(
                    office.told("checkout.session.completed", of: begun.payment), as: office.service.keys.gateway("portal"))
                try await teller.round()
                try await isPaidOnce(begun, office, sandbox)
            }
        }
    }

    /// It dies after it has opened the page, or before; asked again under the same key it is one page.
    @Test(arguments: ["sessions", "before"]) func theProcessorDiesBeforeItAnswersThatItOpensAPage(_ when: String) async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                try sandbox.fail(#"{"die": "\#(when)", "times": 2}"#)
                for _ in 0..<2 {
                    try await teller.round()
                    #expect(try await state(begun, office) == "created")
                    try await office.passTime()
                }
                try await teller.round()
                try await sandbox.type("4242424242424242", at: page(begun, office))
                try await office.passTime()
                try await teller.round()
                try await isPaidOnce(begun, office, sandbox)
            }
        }
    }

    /// It takes the money and dies before it answers, and tells nobody: the payment is pending, and a look finds it.
    @Test func theProcessorChargesAndDies() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                try await teller.round()
                try sandbox.fail(#"{"die": "charge", "webhooks": "none"}"#)
                #expect(try await sandbox.type("4242424242424242", at: page(begun, office)) == nil)
                try sandbox.fail(#"{"status": 503}"#)
                try await office.passTime()
                try await teller.round()
                #expect(try await state(begun, office) == "requires-action")
                // Meanwhile nobody pays a second time.
                let another = StartPayment(patient: begun.patient, invoice: begun.invoice, payment: .init(), amount: Money(1_799, "USD"))
                let answer = try await office.bus.request(another, as: office.patient(begun.patient))
                #expect(answer == .refused(.underWay(payment: begun.payment)))
                try sandbox.fail(nil)
                try await office.passTime()
                try await teller.round()
                try await isPaidOnce(begun, office, sandbox)
            }
        }
    }

    /// Webhooks twice, late, before anything else is known here, in any order, and after a look: each time it is one payment.
    @Test func whatIsToldTwiceLateOrTooEarlyIsOnePayment() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                let portal = try await office.service.keys.gateway("portal")
                func tell(_ type: String, id: String = UUID().uuidString) async throws {
                    #expect(try await office.bus.request(office.told(type, of: begun.payment, id: id), as: portal) == .done(Done()))
                }
                // Before the page is known here.
                try await tell("payment_intent.succeeded")
                try await teller.round()
                try await sandbox.type("4242424242424242", at: page(begun, office))
                try await tell("checkout.session.completed", id: "one")
                try await tell("payment_intent.succeeded")
                try await teller.round()
                try await tell("checkout.session.completed", id: "one")
                try await tell("charge.refunded")
                try await tell("payment_intent.created")
                try await teller.round()
                try await office.passTime()
                try await teller.round()
                try await isPaidOnce(begun, office, sandbox)
            }
        }
    }

    /// Two tellers look at one payment at the same moment.
    @Test func whoLooksFirstBringsItIntoTheBooksAndTheOtherDoesNot() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let begun = try await begin(office)
                try await sandbox.teller(office).round()
                try await sandbox.type("4242424242424242", at: page(begun, office))
                let outcome = CardOutcome(payment: begun.payment, patient: begun.patient, invoice: begun.invoice, amount: 1_799)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask { try await office.database.transaction { tx in try await outcome.capture(intent: "pi_1", in: tx) } }
                    }
                    try await group.waitForAll()
                }
                try await isPaidOnce(begun, office, sandbox)
            }
        }
    }

    @Test func whoIsNotTheProcessorIsNotBelieved() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, portal) = (try await begin(office), try await office.service.keys.gateway("portal"))
                func answer(_ event: ReceiveCardEvent) async throws -> Answer<ReceiveCardEvent> { try await office.bus.request(event, as: portal) }
                let type = "payment_intent.succeeded"
                #expect(try await answer(office.told(type, of: begun.payment, secret: "another")) == .refused(.notSigned))
                for late in [-301.0, 301] {
                    #expect(try await answer(office.told(type, of: begun.payment, at: Date().addingTimeInterval(late))) == .refused(.stale))
                }
                var altered = office.told(type, of: begun.payment)
                altered.payload = altered.payload.replacing("succeeded", with: "canceled")
                #expect(try await answer(altered) == .refused(.notSigned))
                for signature in ["", "t=1", "v1=00", "t=x,v1=00", "t=1,v1=zz"] {
                    altered.signature = signature
                    altered.key = .v7()
                    #expect(try await answer(altered) == .refused(.notSigned))
                }
                // Believed or not, it only makes us ask: who was not paid is not paid.
                #expect(try await answer(office.told(type, of: begun.payment)) == .done(Done()))
                let teller = sandbox.teller(office)
                try await teller.round()
                try await office.passTime()
                try await teller.round()
                #expect(try await state(begun, office) == "requires-action")
                #expect(try await office.due(begun.invoice, of: begun.patient) == 1_799)
            }
        }
    }

    @Test func aDeclinedCardIsSaidAndAnotherOnePays() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                try await teller.round()
                for (card, failure) in [
                    ("4000000000000002", "card-declined"), ("4000000000009995", "insufficient-funds"), ("4000000000000069", "expired-card"),
                ] {
                    try await sandbox.type(card, at: page(begun, office))
                    try await office.passTime()
                    try await teller.round()
                    #expect(try await office.payment(begun.payment, of: begun.patient).line.failure == failure)
                }
                // The bank's question: no, and then yes.
                for answer in ["no", "yes"] {
                    try await sandbox.type("4000002500003155", at: page(begun, office))
                    try await sandbox.type("", at: page(begun, office), answer)
                    try await office.passTime()
                    try await teller.round()
                }
                try await isPaidOnce(begun, office, sandbox)
                #expect(try await office.payment(begun.payment, of: begun.patient).line.failure == nil)
            }
        }
    }

    /// The page is done at once, and days later the bank says yes or no.
    @Test(arguments: ["succeeded", "requires_payment_method", "canceled"]) func whatTakesDaysEndsEitherWay(_ status: String) async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                try await teller.round()
                try sandbox.fail(#"{"delayed": true}"#)
                #expect(try await sandbox.type("4242424242424242", at: page(begun, office)) == 303)
                for _ in 0..<2 {
                    try await office.passTime()
                    try await teller.round()
                    #expect(try await state(begun, office) == "processing")
                }
                let intent = try #require(try await sandbox.charges().first?.id)
                try await sandbox.end(intent, as: status)
                try await office.passTime()
                try await teller.round()
                guard status != "succeeded" else { return try await isPaidOnce(begun, office, sandbox) }
                #expect(try await state(begun, office) == "failed")
                let reason = status == "canceled" ? "not-possible" : "card-declined"
                #expect(try await office.service.emitted(PaymentFailed.self).map(\.reason) == [reason])
                #expect(try await office.due(begun.invoice, of: begun.patient) == 1_799)
                // And then it can be paid.
                let again = StartPayment(patient: begun.patient, invoice: begun.invoice, payment: .init(), amount: Money(1_799, "USD"))
                #expect(try await office.bus.request(again, as: office.patient(begun.patient)) == .done(Done()))
            }
        }
    }

    @Test func aPaymentIsGivenUpUnlessItWasMadeMeanwhile() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let teller = sandbox.teller(office)
                func cancel(_ begun: Begun) async throws {
                    let command = CancelPayment(patient: begun.patient, payment: begun.payment, key: .v7())
                    #expect(try await office.bus.request(command, as: office.patient(begun.patient)) == .done(Done()))
                }
                let (given, declined, made) = (try await begin(office), try await begin(office), try await begin(office))
                try await teller.round()
                try await sandbox.type("4000000000000002", at: page(declined, office))
                try await sandbox.type("4242424242424242", at: page(made, office))
                for begun in [given, declined, made] { try await cancel(begun) }
                try await teller.round()
                #expect(try await state(given, office) == "cancelled")
                #expect(try await state(declined, office) == "failed")
                #expect(try await office.service.emitted(PaymentFailed.self).map(\.reason) == ["card-declined"])
                try await isPaidOnce(made, office, sandbox)
                let work = try await office.bus.ask(ReadBillingWork(), as: office.clerk)
                #expect(work.failed.map(\.payment) == [declined.payment] && work.unpaid.count == 2)
                // And then it can be paid.
                let again = StartPayment(patient: given.patient, invoice: given.invoice, payment: .init(), amount: Money(1_799, "USD"))
                #expect(try await office.bus.request(again, as: office.patient(given.patient)) == .done(Done()))
            }
        }
    }

    /// The processor gives the money back and dies before it says so: it is given back once.
    @Test func aRefundIsOneWhateverDies() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                try await teller.round()
                try await sandbox.type("4242424242424242", at: page(begun, office))
                try await office.passTime()
                try await teller.round()
                let refund = RefundPayment(
                    patient: begun.patient, payment: begun.payment, refund: .init(), amount: Money(799, "USD"), reason: .notRendered, takesOff: true)
                try sandbox.fail(#"{"die": "refunds", "times": 2}"#)
                #expect(try await office.bus.request(refund, as: office.clerk) == .done(Done()))
                for _ in 0..<4 {
                    try await teller.round()
                    try await office.passTime()
                }
                let line = try await office.payment(begun.payment, of: begun.patient).line
                #expect(line.refunds.map(\.state) == ["done"] && line.refunded == 799)
                #expect(try await sandbox.charges().map(\.amount_refunded) == [799])
                #expect(try await office.due(begun.invoice, of: begun.patient) == 0)
                #expect(try await office.service.emitted(PaymentRefunded.self).count == 1)
                #expect(try await office.proof().problems == [])
            }
        }
    }

    @Test func whatABankTakesBackIsOwedAgain() async throws {
        try await Sandbox.run { sandbox in
            try await withOffice { office in
                let (begun, teller) = (try await begin(office), sandbox.teller(office))
                let portal = try await office.service.keys.gateway("portal")
                func look() async throws -> String? {
                    _ = try await office.bus.request(office.told("charge.dispute.updated", of: begun.payment), as: portal)
                    try await teller.round()
                    return try await office.payment(begun.payment, of: begun.patient).line.dispute
                }
                try await teller.round()
                try await sandbox.type("4000000000000259", at: page(begun, office))
                #expect(try await look() == nil)
                #expect(try await look() == "open")
                let refund = RefundPayment(
                    patient: begun.patient, payment: begun.payment, refund: .init(), amount: Money(1, "USD"), reason: .courtesy, takesOff: false)
                #expect(try await office.bus.request(refund, as: office.clerk) == .refused(.disputed))
                #expect(try await office.bus.ask(ReadBillingWork(), as: office.clerk).disputes.map(\.payment) == [begun.payment])
                let dispute = try await office.database.transaction { tx in try await tx.first("SELECT processor FROM dispute", as: String.self) }
                try await sandbox.dispute("dispute=\(try #require(dispute))&status=lost")
                for _ in 0..<2 { #expect(try await look() == "lost") }
                #expect(try await office.due(begun.invoice, of: begun.patient) == 1_799)
                #expect(try await office.proof().problems == [])
            }
        }
    }
}
