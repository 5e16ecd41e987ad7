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

    /// Whoever wanted to pay a part and wrote nothing does not pay it all at the next press.
    @Test(arguments: Language.allCases) func whatWasChosenStaysChosen(_ language: Language) {
        func page(_ chosen: String?, _ refusal: PaymentRefusal?) -> String {
            var view = BillView(bill: bill(1), offersPDF: true, now: pages.now)
            (view.chosen, view.refusal) = (chosen, refusal)
            return billPage(view, in: pages.frame(language)).markup
        }
        #expect(page(nil, nil).contains("value=\"all\" checked") && !page(nil, nil).contains("value=\"part\" checked"))
        let part = page("part", .invalidAmount)
        #expect(part.contains("value=\"part\" checked") && !part.contains("value=\"all\" checked"))
        #expect(part.contains("href=\"#part\"") && part.contains("id=\"part-error\"") && part.contains("aria-invalid=\"true\""))
        let all = page("all", .tooMuch(due: 500))
        #expect(all.contains("value=\"all\" checked") && !all.contains("part-error") && !all.contains("href=\"#part\""))
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

    private func statement(_ lines: Int, holds: Bool = true, disputed: Int = 0) -> StatementView {
        let now = pages.now.instant
        let shown = bill(lines).lines.map { line in
            StatementLine(
                charge: line.charge, invoice: ID(), number: "2026-0001", dueOn: "2026-12-24", opening: 0, charged: 5_400, paid: 4_000, adjusted: 400,
                due: 1_000, isDisputed: disputed > 0, entries: line.entries)
        }
        let summary = StatementSummary(
            statement: ID(), patient: pages.patient.id, month: "2026-10", since: now, until: now, zone: "America/Chicago", opening: 0,
            charged: 5_400 * lines, paid: 4_000 * lines, adjusted: 400 * lines, closing: Money(1_000 * lines, "USD"), disputed: disputed)
        return StatementView(summary: summary, lines: shown, total: lines, books: BooksCheck(at: now, holds: holds), asOf: now)
    }

    private func page(_ statement: StatementView, _ language: Language = .english) -> String {
        statementPage(AccountStatementView(statement: statement, offersPDF: true, now: pages.now), in: pages.frame(language)).markup
    }

    @Test(arguments: Language.allCases) func everyLineOfAStatementLeadsToItsVisitChargeAndPayment(_ language: Language) {
        let statement = statement(3, disputed: 1_000)
        let page = page(statement, language)
        #expect(!page.contains("⟨") && !page.contains("<0>"))
        for line in statement.lines {
            #expect(page.contains("/bills/\(line.invoice)#line-\(line.charge.charge)") && page.contains("/record/visits/\(line.charge.encounter)"))
        }
        #expect(page.components(separatedBy: "href=\"/bills/payments/\(payment)\"").count == 4)
        #expect(page.contains("/pdf\"") && page.contains("$10.00"))
    }

    @Test func aStatementIsAPageOfAHundredKilobytesAndNoneWhileTheBooksDoNotHold() {
        #expect(page(statement(80)).utf8.count < 100_000)
        #expect(!page(statement(1, holds: false)).contains("/pdf\""))
    }

    @Test(arguments: Language.allCases) func aLineIsSaidToBeWrongOnceAndNobodyIsRemindedOfIt(_ language: Language) {
        var open = bill(2, due: 2_000)
        open.lines[0].disputed = .wrongPrice
        open.summary.disputed = 1_000
        let page = page(open, language)
        #expect(!page.contains("⟨") && page.contains("/dispute\""))
        let choices = open.lines.map { page.contains("<option value=\"\($0.charge.charge)\"") }
        #expect(choices == [false, true])
        var view = HomeView(patient: pages.patient, chart: .here(pages.chart(0)), visits: .missing, names: pages.names, now: pages.now)
        view.bills = .here(Bills(due: [], invoices: [open.summary], total: 1, charges: [], asOf: pages.now.instant))
        #expect(homePage(view, in: pages.frame(language)).markup.contains("$10.00"))
        open.summary.disputed = 2_000
        view.bills = .here(Bills(due: [], invoices: [open.summary], total: 1, charges: [], asOf: pages.now.instant))
        #expect(!homePage(view, in: pages.frame(language)).markup.contains("/bills/\(open.summary.invoice)"))
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
