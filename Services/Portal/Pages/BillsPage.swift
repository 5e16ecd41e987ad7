import Contracts
import Web

struct BillsView: Sendable {
    var bills: Bills
    var statements: Statements
    var now: Moment
}

/// `GET /bills`: what is owed, every bill, and what is on none yet.
func billsPage(_ view: BillsView, in frame: Frame) -> HTML {
    let (t, bills) = (frame.t, view.bills)
    let others = bills.others ?? []
    let owed = bills.owed
    let title = owed.isEmpty ? t("bills.nothing") : t("bills.owed", ["amount": owed.map { t.money($0) }.joined(t)])
    let list: HTML = """
        <section class="card stack-s" aria-labelledby="bills">\
        <h2 id="bills">\(t("bills.all")) \(ShownOf(bills.invoices.count, of: bills.total, t))</h2>\
        <ul class="rows">\(each: bills.invoices, { line($0, view, t) })</ul></section>
        """
    let paid: HTML = """
        <section class="card stack-s" aria-labelledby="others">\
        <h2 id="others">\(t("bills.others")) \(ShownOf(others.count, of: others.count, t))</h2><p class="plain">\(t("bills.others-help"))</p>\
        <ul class="rows">\(each: others, { line($0, view, t, isOthers: true) })</ul></section>
        """
    let charges: HTML = """
        <section class="card stack-s" aria-labelledby="charges"><h2 id="charges">\(t("bills.not-yet")) \
        \(ShownOf(bills.charges.count, of: bills.charges.count, t))</h2><p class="plain">\(t("bills.not-yet-help"))</p>\
        <ul class="rows">\(each: bills.charges, { charge in
            """
            <li class="cluster apart"><span><span translate="no">\(t.charged(charge))</span> \
            <span class="plain">\(day(charge, view, t))</span></span>\
            <span class="num">\(t.money(charge.charged))</span></li>
            """
        })</ul></section>
        """
    let months: HTML = """
        <section class="card stack-s" aria-labelledby="statements"><h2 id="statements">\(t("statements.title")) \
        \(ShownOf(view.statements.statements.count, of: view.statements.total, t))</h2><ul class="rows">\(each: view.statements.statements, {
            """
            <li class="cluster apart"><a class="target" href="/bills/statements/\($0.statement)">\(month($0, t))</a>\
            <span class="num">\(t.money($0.closing))</span></li>
            """
        })</ul></section>
        """
    return frame.page(
        title: t("bills.title"),
        """
        <div class="stack-l"><h1>\(title)</h1>\
        \(bills.invoices.isEmpty ? Empty(t("bills.none"), t("bills.none-help")).html : list)\
        \(when: !others.isEmpty, paid)\(when: !bills.charges.isEmpty, charges)\
        \(when: !view.statements.statements.isEmpty, months)\
        <p><a class="target" href="/coverage">\(t("coverage.title"))</a></p>\(t.booksNote(bills.books, in: view.now.zone))</div>
        """)
}

extension [HTML] {
    fileprivate func joined(_ t: Wording) -> HTML { dropFirst().reduce(first ?? "") { t("bills.and", ["one": $0, "other": $1]) } }
}

private func day(_ charge: ChargeLine, _ view: BillsView, _ t: Wording) -> HTML { t.date(Moment(charge.at, in: view.now.zone).day, .short) }

private func line(_ bill: InvoiceSummary, _ view: BillsView, _ t: Wording, isOthers: Bool = false) -> HTML {
    let who: HTML? = bill.billedTo.map {
        let name: HTML = "<span translate=\"no\">\(isOthers ? $0.patientName : $0.name)</span>"
        return " <span class=\"plain\">\(isOthers ? t("bills.for", ["name": name]) : t("bills.sent-to", ["name": name]))</span>"
    }
    let (total, due) = (t.money(bill.total), t.money(Money(bill.due, bill.total.currency)))
    let state: HTML
    if bill.pending != nil {
        state = Tag(.info, t("bills.pending")).html
    } else if let plan = bill.plan {
        let (left, count) = (t.money(Money(max(plan.late, plan.rest), bill.total.currency)), "\(plan.paid)/\(plan.count)" as HTML)
        let day = Day(plan.dueOn).map { t.date($0, .short) } ?? HTML(text: plan.dueOn)
        state = Tag(plan.late > 0 ? .warn : .info, t("bills.plan", ["paid": count, "amount": left, "date": day])).html
    } else if bill.due > 0 {
        state = Tag(.warn, t("bills.due", ["amount": due, "date": dueDay(bill, t)])).html
    } else {
        state = Tag(.ok, t("bills.settled")).html
    }
    return """
        <li><p class="cluster apart"><a class="target" href="/bills/\(bill.invoice)">\(t("bills.bill", ["number": bill.number]))</a>\(who)\
        <span class="num">\(total)</span></p>\
        <p class="cluster"><span class="plain">\(t.date(Moment(bill.issued, in: view.now.zone).day, .short))</span> \(state)</p></li>
        """
}

extension Bills {
    /// On their own bills and on those of others they pay, a currency each.
    var owed: [Money] {
        var sums: [String: Int] = [:]
        for amount in due { sums[amount.currency, default: 0] += amount.amount }
        for bill in others ?? [] { sums[bill.total.currency, default: 0] += bill.due }
        return sums.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { Money($0.value, $0.key) }
    }
}

extension InvoiceSummary {
    /// What somebody is reminded of: not of what they say is wrong; and of a plan, what is late or comes next.
    var asked: Int { disputed ?? 0 > 0 && plan != nil ? 0 : plan.map { max($0.late, $0.rest) } ?? due - (disputed ?? 0) }
    /// By when.
    var askedBy: String { plan?.dueOn ?? dueOn }

    /// Whether it is time to be reminded of it: of an instalment a week before. - Parameter day: the last of that week.
    func isAsked(by day: String) -> Bool { asked > 0 && pending == nil && (plan == nil || askedBy <= day) }
}

func dueDay(_ bill: InvoiceSummary, _ t: Wording) -> HTML { Day(bill.dueOn).map { t.date($0, .short) } ?? HTML(text: bill.dueOn) }

/// When it, or its next instalment, is asked for.
func askedDay(_ bill: InvoiceSummary, _ t: Wording) -> HTML { Day(bill.askedBy).map { t.date($0, .short) } ?? HTML(text: bill.askedBy) }
