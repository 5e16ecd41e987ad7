import Contracts
import Web

struct PlanPageView: Sendable {
    var bill: BillView
    var counts: [Int]
    var count: Int
    /// As typed.
    var first: String
    var refusal: PlanRefusal?

    var path: String { "/bills/\(bill.bill.summary.invoice)/plan" }
}

/// `GET /bills/{id}/plan`: what is owed, in equal parts a month apart.
func planPage(_ view: PlanPageView, in frame: Frame) -> HTML {
    let (t, bill) = (frame.t, view.bill.bill.summary)
    let errors = view.refusal.map { [planError($0, view.bill, t)] } ?? []
    let choices: HTML = "\(each: view.counts, { choice($0, view, t) })"
    let form = Form(
        to: view.path, formKey: frame.formKey, style: "card stack",
        """
        <fieldset class="stack-s"><legend>\(t("plan.how-many"))</legend><div class="choices">\(choices)</div></fieldset>\
        \(Field("first", t("plan.first"), hint: t("plan.first-hint"), value: view.first, autocomplete: "off", width: .short, maximumLength: 20)
            .marked(errors, t))\
        <input type="hidden" name="due" value="\(view.bill.due)"><p class="plain">\(t("plan.how"))</p>\
        <p><button class="btn">\(t("plan.make"))</button></p>
        """)
    return frame.page(
        title: t("plan.title"), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p><a class="crumb" href="/bills/\(bill.invoice)">\(t("bills.bill", ["number": bill.number]))</a></p>\
        <h1>\(t("plan.title"))</h1><p class="lead">\(t("plan.lead", ["amount": t.money(view.bill.money(view.bill.due))]))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)</div>
        """)
}

private func choice(_ count: Int, _ view: PlanPageView, _ t: Wording) -> HTML {
    let amounts = Instalment.amounts(of: view.bill.due, count: count)
    guard let part = amounts.first, let last = amounts.last else { return "" }
    let label = t("plan.choice", ["count": count, "amount": t.money(view.bill.money(part))])
    let detail = part == last ? nil : t("plan.last", ["amount": t.money(view.bill.money(last))])
    return Choice(name: "count", value: "\(count)", label, detail: detail, isChecked: count == view.count).html
}

private func planError(_ refusal: PlanRefusal, _ view: BillView, _ t: Wording) -> FieldError {
    switch refusal {
    case .invalidDay(let last): FieldError("first", t("plan.invalid-day", ["date": Day(last).map { t.date($0, .short) } ?? HTML(text: last)]))
    case .tooSmall(let from): FieldError("", t("plan.too-small", ["amount": t.money(view.money(from))]))
    case .invalidCount(let most): FieldError("", t("plan.invalid-count", ["most": most]))
    case .disputed: FieldError("", t("plan.disputed"))
    case .underWay: FieldError("", t("bill.under-way"))
    case .alreadyPlanned: FieldError("", t("plan.already"))
    case .changed, .notFound, .idInUse: FieldError("", t("plan.changed"))
    }
}

/// The plan of a bill: what is paid of it, and what comes when.
func planSection(_ plan: PlanView, _ view: BillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let state: HTML =
        switch (plan.state, plan.reason) {
        case ("active", _): t("plan.goes-on")
        case ("paid", _): t("plan.paid")
        case (_, "corrected"?): t("plan.corrected")
        default: t("plan.given-up")
        }
    let columns = [
        CardTable.Column(t("plan.part")), .init(t("plan.due")), .init(t("plan.amount"), isNumber: true), .init(t("plan.state")),
    ]
    let rows = plan.instalments.map { part -> [HTML] in
        let day = Day(part.dueOn).map { t.date($0, .short) } ?? HTML(text: part.dueOn)
        return [HTML(text: "\(part.number)"), day, t.money(view.money(part.amount)), partState(part, plan, view, t)]
    }
    let cancel = Form(
        to: "/bills/\(view.bill.summary.invoice)/plan/cancel", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="plan" value="\(plan.plan)"><button class="btn btn-link">\(t("plan.cancel"))</button>\
        <p class="plain">\(t("plan.cancel-help"))</p>
        """)
    let table = CardTable(caption: t("plan.parts"), hidesCaption: true, columns: columns, rows: rows)
    return """
        <section class="card stack-s" aria-labelledby="plan"><h2 id="plan">\(t("plan.parts")) \
        \(ShownOf(plan.instalments.count, of: plan.instalments.count, t))</h2><p>\(state)</p>\
        \(when: plan.state != "cancelled", table.html)\(when: plan.state == "active", cancel.html)</section>
        """
}

private func partState(_ part: Instalment, _ plan: PlanView, _ view: BillView, _ t: Wording) -> HTML {
    if part.rest == 0 { return Tag(.ok, t("plan.part-paid")).html }
    let left: HTML = part.paid > 0 ? " \(t("plan.part-left", ["amount": t.money(view.money(part.rest))]))" : ""
    if part.dueOn < view.now.day.iso { return "\(Tag(.warn, t("plan.part-late")))\(left)" }
    return "\(t("plan.part-open"))\(left)"
}
