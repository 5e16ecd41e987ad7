import Contracts
import Foundation
import Web

struct AccountStatementView: Sendable {
    var statement: StatementView
    /// The visitor pays for somebody else: nothing leads from it into that record.
    var isOthers = false
    var offersPDF: Bool
    var now: Moment

    func money(_ amount: Int) -> Money { Money(amount, statement.summary.closing.currency) }
    /// While the books do not hold nothing is given out as a statement.
    var isStatement: Bool { statement.books?.holds != false }
}

func month(_ statement: StatementSummary, _ t: Wording) -> HTML {
    Day(statement.month).map { t.date($0, .long) } ?? HTML(text: statement.month)
}

/// `GET /bills/statements/{id}`: what was owed when a month was over, and how it came to that. Made to be printed.
func statementPage(_ view: AccountStatementView, in frame: Frame) -> HTML {
    let (t, summary) = (frame.t, view.statement.summary)
    let title = t("statement.title", ["month": month(summary, t)])
    let zone = Zone(summary.zone) ?? view.now.zone
    // The last day of the month, not the moment after it.
    let last = t.date(Moment(summary.until.addingTimeInterval(-1), in: zone).day, .long)
    let disputed = Note(.plain, "<p>\(t("statement.disputed", ["amount": t.money(view.money(summary.disputed))]))</p>")
    let planned = view.statement.summary.planned ?? 0
    let plan = Note(.plain, "<p>\(t("statement.planned", ["amount": t.money(view.money(planned))]))</p>")
    return frame.page(
        title: title,
        """
        <div class="stack-l"><div class="stack"><p><a class="crumb no-print" href="/bills">\(t("bills.all"))</a></p><h1>\(title)</h1>\
        <p class="lead">\(t("statement.lead", ["amount": t.money(summary.closing), "date": last, "zone": t.zone(zone)]))</p>\
        \(payer(summary.billedTo, isOthers: view.isOthers, t))\
        \(when: summary.disputed > 0, disputed.html)\
        \(when: planned > 0, plan.html)</div>\(totals(view, t))\(table(view, zone, t))\
        \(PDFLink("/bills/statements/\(summary.statement)/pdf", isThere: view.offersPDF && view.isStatement, t))\
        \(t.booksNote(view.statement.books, in: view.now.zone))</div>
        """)
}

private func totals(_ view: AccountStatementView, _ t: Wording) -> HTML {
    let summary = view.statement.summary
    func row(_ words: HTML, _ amount: Int) -> (name: HTML, value: HTML) { (words, t.money(view.money(amount))) }
    return """
        <section class="card stack-s" aria-labelledby="totals"><h2 id="totals">\(t("statement.totals"))</h2>\(Facts([
            row(t("statement.opening"), summary.opening), row(t("bill.charged"), summary.charged), row(t("bill.paid"), -summary.paid),
            row(t("bill.taken-off"), -summary.adjusted), row(t("statement.closing"), summary.closing.amount),
        ]))</section>
        """
}

private func table(_ view: AccountStatementView, _ zone: Zone, _ t: Wording) -> HTML {
    let lines = view.statement.lines
    let columns = [
        CardTable.Column(t("bill.service")), .init(t("statement.opening"), isNumber: true), .init(t("bill.charged"), isNumber: true),
        .init(t("bill.paid"), isNumber: true), .init(t("bill.taken-off"), isNumber: true), .init(t("bill.you-owe"), isNumber: true),
    ]
    let rows = lines.map { line -> [HTML] in
        func amount(_ value: Int) -> HTML { t.money(view.money(value)) }
        return [
            service(line, view, zone, t), amount(line.opening), amount(line.charged), amount(-line.paid) + traces(line, zone, t),
            amount(-line.adjusted), "<strong>\(amount(line.due))</strong>",
        ]
    }
    return """
        <section class="card stack-s" aria-labelledby="lines"><h2 id="lines">\(t("bill.lines")) \
        \(ShownOf(lines.count, of: view.statement.total, t))</h2>\
        \(CardTable(caption: t("bill.lines"), hidesCaption: true, columns: columns, rows: rows))</section>
        """
}

/// The charge on its bill, and the visit.
private func service(_ line: StatementLine, _ view: AccountStatementView, _ zone: Zone, _ t: Wording) -> HTML {
    let visit = t("bill.visit", ["date": t.date(Moment(line.charge.at, in: zone).day, .short)])
    let link: HTML = view.isOthers ? visit : "<a href=\"/record/visits/\(line.charge.encounter)\">\(visit)</a>"
    let due = Day(line.dueOn).map { t.date($0, .short) } ?? HTML(text: line.dueOn)
    let question = line.isDisputed ? Tag(.info, t("bill.disputed")).html : HTML()
    return """
        <a href="/bills/\(line.invoice)#line-\(line.charge.charge)" translate="no">\(t.charged(line.charge))</a> <span class="plain">\
        \(link) · \
        \(t("statement.bill", ["number": line.number, "date": due]))</span> \(question)
        """
}

/// Every payment of the month, with its day.
private func traces(_ line: StatementLine, _ zone: Zone, _ t: Wording) -> HTML {
    let payments = line.entries.compactMap { entry in entry.payment.map { ($0, entry) } }
    return """
        \(each: payments, { payment, entry in
            """
             <span class="plain"><a href="/bills/payments/\(payment)">\(t.ledgerKind(entry)), \
            \(t.date(Moment(entry.at, in: zone).day, .short))</a></span>
            """
        })
        """
}
