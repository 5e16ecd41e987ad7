import Contracts
import Foundation
import Testing
import Web

@testable import Portal

/// Bills and payments as pages.
@Suite struct BillTests {
    private let pages: PagesTests
    private let payment = ID<Payment>()

    init() throws { pages = try PagesTests() }

    private func bill(_ lines: Int, due: Int = 1_000, pending: ID<Payment>? = nil, holds: Bool = true) -> InvoiceView {
        let now = pages.now.instant
        let shown = (0..<lines).map { number -> InvoiceLine in
            let charge = ChargeLine(
                charge: ID(), encounter: ID(), at: now, code: "L0\(number)", name: ["en": "Test <\(number)>", "es": "Prueba \(number)"],
                quantity: number + 1, charged: Money(5_400, "USD"))
            let entries = [
                LedgerLine(entry: ID(), kind: "payment", at: now, amount: -4_000, payment: payment),
                LedgerLine(entry: ID(), kind: "write-off", at: now, amount: -400, reason: "smallBalance"),
            ]
            return InvoiceLine(charge: charge, paid: 4_000, adjusted: 400, due: 1_000, entries: entries)
        }
        let summary = InvoiceSummary(
            invoice: ID(), number: "2026-0001", patient: pages.patient.id, issued: now, dueOn: "2026-12-24", total: Money(5_400 * lines, "USD"),
            due: due, pending: pending)
        return InvoiceView(
            summary: summary, lines: shown, payments: [line("captured")], takesCards: true, books: BooksCheck(at: now, holds: holds), asOf: now)
    }

    private func line(_ state: String, failure: String? = nil) -> PaymentLine {
        let refund = RefundLine(refund: ID(), amount: 500, state: "done", reason: "courtesy", asked: pages.now.instant)
        return PaymentLine(
            payment: payment, patient: pages.patient.id, invoice: ID(), method: "card", state: state, amount: Money(4_000, "USD"), refunded: 500,
            started: pages.now.instant, failure: failure, refunds: state == "captured" ? [refund] : [])
    }

    private func page(_ bill: InvoiceView, _ language: Language = .english) -> String {
        billPage(BillView(bill: bill, offersPDF: true, now: pages.now), in: pages.frame(language)).markup
    }

    @Test(arguments: Language.allCases) func everyAmountLeadsToItsVisitChargeAndPayment(_ language: Language) {
        let bill = bill(3)
        let page = page(bill, language)
        #expect(!page.contains("⟨") && !page.contains("<0>"))
        for line in bill.lines {
            // Charged, paid, taken off, owed.
            #expect(page.components(separatedBy: "href=\"#line-\(line.charge.charge)\"").count == 5)
            #expect(page.contains("id=\"line-\(line.charge.charge)\"") && page.contains("/record/visits/\(line.charge.encounter)"))
        }
        #expect(page.components(separatedBy: "href=\"/bills/payments/\(payment)\"").count == 4)
    }

    @Test func theLongestBillIsAPageOfAHundredKilobytes() { #expect(page(bill(40)).utf8.count < 100_000) }

    @Test func whatIsOnItsWayOrSettledIsNotPaidAgain() {
        #expect(page(bill(1)).contains("/pay\""))
        #expect(!page(bill(1, pending: payment)).contains("/pay\"") && !page(bill(1, due: 0)).contains("/pay\""))
    }

    /// No statement while something in the books is wrong.
    @Test func whileTheBooksDoNotHoldThereIsNoPDF() {
        #expect(page(bill(1)).contains("/pdf\"") && !page(bill(1, holds: false)).contains("/pdf\""))
    }

    @Test(arguments: [
        ("created", nil), ("requires-action", nil), ("requires-action", "insufficient-funds"), ("processing", nil), ("captured", nil),
        ("failed", "expired-card"), ("failed", "authentication"), ("cancelled", nil),
    ]) func everyStateOfAPaymentHasItsWords(_ state: String, _ failure: String?) {
        for language in Language.allCases {
            let view = PaymentView(line: line(state, failure: failure), number: "2026-0001", page: "https://p.example/1", asOf: pages.now.instant)
            let page = paymentPage(view, now: pages.now, in: pages.frame(language)).markup
            #expect(!page.contains("⟨"))
            #expect(page.contains("https://p.example/1") == (state == "requires-action"))
            #expect(page.contains("/cancel\"") == (state == "requires-action"))
        }
    }

    @Test func homeAsksForWhatIsOwedAndNotOnItsWay() {
        let (open, pending) = (bill(1).summary, bill(1, pending: payment).summary)
        let bills = Bills(due: [Money(2_000, "USD")], invoices: [open, pending], total: 2, charges: [], asOf: pages.now.instant)
        var view = HomeView(patient: pages.patient, chart: .here(pages.chart(0)), visits: .missing, names: pages.names, now: pages.now)
        view.bills = .here(bills)
        let page = homePage(view, in: pages.frame()).markup
        #expect(page.contains("/bills/\(open.invoice)") && !page.contains("/bills/\(pending.invoice)"))
        view.bills = .missing
        #expect(view.isIncomplete)
    }
}
