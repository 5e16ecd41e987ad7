import Contracts
import Web

struct PatientBillsView: Sendable {
    var patient: PatientSummary
    var bills: Bills
    var mayIssue: Bool
    var refusal: IssueRefusal?
    var now: Moment
}

/// `GET /patients/{id}/bills`: a patient's bills, and a new one of what is on none.
func patientBillsPage(_ view: PatientBillsView, in frame: Frame) -> HTML {
    let (t, bills) = (frame.t, view.bills)
    let path = "/patients/\(view.patient.id)/bills"
    let why: HTML? =
        switch view.refusal {
        case nil: nil
        case .severalCurrencies: t("patient-bills.several-currencies")
        case .invalid, .notFound: t("patient-bills.choose")
        case .alreadyBilled, .idInUse: t("patient-bills.already")
        }
    let charges: HTML = """
        <fieldset class="stack-s"><legend>\(t("patient-bills.charges")) \(ShownOf(bills.charges.count, of: bills.charges.count, t))</legend>\
        \(each: bills.charges, { charge in
            let day = t.date(Moment(charge.at, in: view.now.zone).day, .short)
            return Choice(
                .checkbox, name: "charge", value: "\(charge.charge)", "<span translate=\"no\">\(t.charged(charge))</span>",
                detail: "<span translate=\"no\">\(charge.code)</span> · \(day) · \(t.money(charge.charged))", isChecked: true
            ).html
        })</fieldset>
        """
    let button: HTML = "<p><button class=\"btn\">\(t("patient-bills.issue"))</button></p>"
    let form = Form(to: path, formKey: frame.formKey, style: "card stack", charges + button)
    let list: HTML = """
        <ul class="rows panel">\(each: bills.invoices, { bill in
            """
            <li class="cluster apart"><a class="target" href="\(path)/\(bill.invoice)">\(t("patient-bills.bill", ["number": bill.number]))</a>\
            <span>\(t.date(Moment(bill.issued, in: view.now.zone).day, .short)) · \(t.money(bill.total)) · \
            \(t("patient-bills.due", ["amount": t.money(Money(bill.due, bill.total.currency))]))\(sentTo(bill, t))</span></li>
            """
        })</ul>
        """
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("patient-bills.title"), hasErrors: why != nil,
        """
        <div class="stack-l"><div class="stack"><h2>\(t("patient-bills.title")) \(ShownOf(bills.invoices.count, of: bills.total, t))</h2>\
        \(why.map { ErrorSummary(title: t("patient-bills.not-issued"), text: $0) })\
        \(when: view.mayIssue, beside(view.patient.id, t))\
        \(bills.invoices.isEmpty ? Empty(t("patient-bills.none"), t("patient-bills.none-help")).html : list)</div>\
        \(when: view.mayIssue && !bills.charges.isEmpty, form.html + voiding(bills.charges, path, frame))</div>
        """)
}

/// Who pays, and how the patient is insured.
private func beside(_ patient: ID<Patient>, _ t: Wording) -> HTML {
    """
    <p class="cluster"><a class="target" href="/patients/\(patient)/guarantor">\(t("guarantor.see"))</a>\
    <a class="target" href="/patients/\(patient)/coverage">\(t("coverage.title"))</a></p>
    """
}

private func sentTo(_ bill: InvoiceSummary, _ t: Wording) -> HTML? {
    bill.billedTo.map { " · \(t("guarantor.sent-to", ["name": "<span translate=\"no\">\($0.name)</span>" as HTML]))" }
}

private func voiding(_ charges: [ChargeLine], _ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let lines = charges.map { (value: "\($0.charge)", label: "\(t.charged($0)), \(t.money($0.charged))" as HTML) }
    return voidForm(to: "\(path)/void", lines, frame)
}

/// - Parameters:
///   - choices: what can be void.
///   - posted: what this form said when it was refused.
private func voidForm(to path: String, _ choices: [(value: String, label: HTML)], posted: FormData? = nil, _ frame: Frame) -> HTML {
    let t = frame.t
    let (what, why) = (posted?["what"] ?? choices.first?.value ?? "", posted?["why"] ?? AdjustmentReason.notRendered.rawValue)
    let reasons = AdjustmentReason.allCases.map { (value: $0.rawValue, label: t.adjustmentReason($0.rawValue)) }
    let form = Form(
        to: path, formKey: frame.formKey, style: "stack-s",
        """
        \(Select("what", t("patient-bill.void-what"), choices, chosen: what, areNames: true))\
        \(Select("why", t("patient-bill.reason"), reasons, chosen: why))\
        <p><button class="btn btn-danger">\(t("patient-bill.void"))</button></p><p class="plain">\(t("patient-bill.void-help"))</p>
        """)
    return """
        <details class="card no-print"\(when: posted != nil, " open")><summary class="target">\(t("patient-bill.was-wrong"))</summary>\
        \(form)</details>
        """
}

struct PatientBillView: Sendable {
    /// What was refused, and why.
    enum Refusal: Sendable {
        case payment(PaymentRefusal)
        case refund(RefundRefusal)
        case reversal(ReversalRefusal)
        case void(VoidRefusal)
        case approval(ApprovalRefusal)
        case plan(PlanRefusal)
    }

    /// A form of the page.
    enum PostedForm: Equatable, Sendable {
        case cash, adjust, void, plan
        case refund(ID<Payment>)
    }

    var patient: PatientSummary
    var bill: InvoiceView
    var mayAdjust: Bool
    var refusal: Refusal?
    /// The form that was refused, as it was posted: another press does what it said, not what is usual.
    var typed: (form: PostedForm, fields: FormData)?
    var isDone = false
    var now: Moment

    var path: String { "/patients/\(patient.id)/bills/\(bill.summary.invoice)" }
    func money(_ amount: Int) -> Money { Money(amount, bill.summary.total.currency) }
    func posted(_ form: PostedForm) -> FormData? { typed?.form == form ? typed?.fields : nil }
}

/// `GET /patients/{id}/bills/{invoice}`: a bill with everything that changed it, and what can be done about it.
func patientBillPage(_ view: PatientBillView, in frame: Frame) -> HTML {
    let (t, bill) = (frame.t, view.bill)
    let title = t("patient-bills.bill", ["number": bill.summary.number])
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/patients/\(view.patient.id)/bills">\(t("patient-bills.title"))</a></p>\
        <h2>\(title)</h2><p class="lead">\(t("patient-bills.due", ["amount": t.money(view.money(bill.summary.due))]))</p>\
        \(bill.summary.billedTo.map { billedTo($0, t) })\(bill.coverage.map { insurance($0, view, t) })\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("patient-bill.done"))</p>").html)\
        \(view.refusal.map { refused($0, view, t) })\(lines(view, frame))</div>\
        \(approvals(view, frame))\(view.bill.plan.map { plan($0, view, frame) })\(payments(view, frame))\(forms(view, frame))</div>
        """)
}

private func insurance(_ line: CoverageLine, _ view: PatientBillView, _ t: Wording) -> HTML {
    let phone: HTML = line.details?.phone.map { " · <span translate=\"no\">\($0)</span>" } ?? ""
    let name: HTML = line.details.map { "<span translate=\"no\">\($0.payor)</span>" } ?? t("coverage.gone")
    return "<p><a class=\"target\" href=\"/patients/\(view.patient.id)/coverage\">\(name)</a>\(phone) \(t.coverageState(line))</p>"
}

/// With the address of somebody who gets it by post.
private func billedTo(_ billedTo: BilledTo, _ t: Wording) -> HTML {
    let address: HTML = billedTo.address.map { ", \($0)" } ?? ""
    return "<p>\(t("guarantor.sent-to", ["name": "<span translate=\"no\">\(billedTo.name)\(address)</span>" as HTML]))</p>"
}

private func words(_ refusal: PatientBillView.Refusal, _ view: PatientBillView, _ t: Wording) -> HTML {
    switch refusal {
    case .payment(.invalidAmount), .refund(.invalidAmount): t("patient-bill.invalid-amount")
    case .payment(.otherCurrency(let currency)), .refund(.otherCurrency(let currency)):
        t("patient-bill.other-currency", ["currency": currencyName(currency)])
    case .payment(.tooMuch(let due)): t("patient-bill.too-much", ["amount": t.money(view.money(due))])
    case .refund(.tooMuch(let left)): t("patient-bill.refund-too-much", ["amount": t.money(view.money(left))])
    case .payment(.underWay): t("patient-bill.under-way")
    case .refund(.disputed): t("patient-bill.disputed")
    case .reversal(.alreadyReversed): t("patient-bill.already-undone")
    case .void(.notWhollyOwed): t("patient-bill.not-wholly-owed")
    case .void(.underWay): t("patient-bill.under-way")
    case .approval(.own): t("patient-bill.own-approval")
    case .approval(.notPossible): t("patient-bill.approval-not-possible")
    case .plan(.invalidDay(let last)): t("patient-bill.plan-day", ["date": Day(last).map { t.date($0, .short) } ?? HTML(text: last)])
    case .plan(.invalidCount(let most)): t("patient-bill.plan-count", ["most": most])
    case .plan(.disputed): t("patient-bill.plan-disputed")
    case .plan(.alreadyPlanned): t("patient-bill.plan-already")
    case .plan(.underWay): t("patient-bill.under-way")
    case .plan(.notFound), .plan(.changed), .plan(.tooSmall), .plan(.idInUse): t("patient-bill.again")
    case .void(.notFound), .void(.alreadyVoid), .approval(.notFound): t("patient-bill.again")
    case .payment(.notFound), .payment(.notOffered), .payment(.idInUse), .refund(.notFound), .refund(.idInUse), .reversal(.notFound):
        t("patient-bill.again")
    }
}

private func refused(_ refusal: PatientBillView.Refusal, _ view: PatientBillView, _ t: Wording) -> ErrorSummary {
    var summary = ErrorSummary(title: t("patient-bill.not-done"), text: words(refusal, view, t))
    let atField = fieldErrors(view, t)
    if !atField.isEmpty { summary.errors = atField }
    return summary
}

/// What was refused, at the field that puts it right; nothing where there is none.
private func fieldErrors(_ view: PatientBillView, _ t: Wording) -> [FieldError] {
    guard let refusal = view.refusal, let form = view.typed?.form, isShown(form, view) else { return [] }
    let field: String? =
        switch (refusal, form) {
        case (.payment(.invalidAmount), .cash), (.payment(.otherCurrency), .cash), (.payment(.tooMuch), .cash): "cash"
        case (.payment(.invalidAmount), .adjust), (.payment(.otherCurrency), .adjust), (.payment(.tooMuch), .adjust): "off"
        case (.refund(.invalidAmount), .refund(let payment)), (.refund(.otherCurrency), .refund(let payment)),
            (.refund(.tooMuch), .refund(let payment)):
            "amount-\(payment)"
        case (.plan(.invalidCount), .plan): "count"
        case (.plan(.invalidDay), .plan): "first"
        default: nil
        }
    return field.map { [FieldError($0, words(refusal, view, t))] } ?? []
}

/// Whether a form is still on the page: what it was for may be over meanwhile.
private func isShown(_ form: PatientBillView.PostedForm, _ view: PatientBillView) -> Bool {
    switch form {
    case .refund(let payment): view.bill.payments.contains { $0.payment == payment && $0.isRefundable }
    case .plan: view.bill.summary.due > 0 && view.bill.plan?.state != "active"
    case .cash, .adjust, .void: view.bill.summary.due > 0
    }
}

private func lines(_ view: PatientBillView, _ frame: Frame) -> HTML {
    let t = frame.t
    return """
        <ul class="rows panel">\(each: view.bill.lines, { line in
            let day = t.date(Moment(line.charge.at, in: view.now.zone).day, .short)
            return """
                <li class="stack-s"><p class="cluster apart"><span><span translate="no">\(t.charged(line.charge))</span> \
                <span class="plain"><span translate="no">\(line.charge.code)</span> · \(day)</span></span>\
                <span class="num">\(t.money(line.charge.charged))</span></p>\
                \(each: line.entries, { entry($0, view, frame) })\(line.disputed.map { disputed($0, line, view, frame) })\
                <p class="cluster apart strong"><span>\(t("patient-bill.owed"))</span>\
                <span class="num">\(t.money(view.money(line.due)))</span></p></li>
                """
        })</ul>
        """
}

private func entry(_ entry: LedgerLine, _ view: PatientBillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let when = t.date(Moment(entry.at, in: view.now.zone).day, .short)
    let why = entry.reason.map { " · \(t.adjustmentReason($0))" as HTML }
    let isUndoable = view.mayAdjust && entry.isReversed != true && (entry.kind == "credit" || entry.kind == "write-off")
    let undo = Form(
        to: "\(view.path)/reverse", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="entry" value="\(entry.entry)"><button class="btn btn-link">\(t("patient-bill.undo"))\
        <span class="hide">: \(t.ledgerKind(entry)), \(when)</span></button>
        """)
    return """
        <div class="cluster apart"><span>\(t.ledgerKind(entry)) <span class="plain">\(when)\(why)</span></span>\
        <span class="cluster">\(when: isUndoable, undo.html)<span class="num">\(t.money(view.money(entry.amount)))</span></span></div>
        """
}

/// The patient says that it is wrong: somebody looks, and says so.
private func disputed(_ reason: DisputeReason, _ line: InvoiceLine, _ view: PatientBillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let answers: HTML = """
        <input type="hidden" name="charge" value="\(line.charge.charge)">\
        <button class="btn btn-link" name="answer" value="stands">\(t("patient-bill.stands"))</button>\
        <button class="btn btn-link" name="answer" value="corrected">\(t("patient-bill.corrected"))</button>
        """
    let form = Form(to: "\(view.path)/settle", formKey: frame.formKey, style: "cluster no-print", answers)
    return """
        <div class="cluster apart"><span>\(Tag(.info, t("patient-bill.questioned"))) \(t.disputeReason(reason))</span>\
        \(when: view.mayAdjust, form.html)</div>
        """
}

private func approvals(_ view: PatientBillView, _ frame: Frame) -> HTML? {
    let (t, all) = (frame.t, view.bill.approvals ?? [])
    guard !all.isEmpty else { return nil }
    return """
        <section class="stack-s" aria-labelledby="approvals">\
        <h3 id="approvals">\(t("billing.approvals")) \(ShownOf(all.count, of: all.count, t))</h3>\
        <ul class="rows panel">\(each: all, { line in
            let answers: HTML = """
                <input type="hidden" name="approval" value="\(line.approval)">\
                <button class="btn btn-plain" name="answer" value="yes">\(t("patient-bill.approve"))</button>\
                <button class="btn btn-link" name="answer" value="no">\(t("patient-bill.decline"))</button>
                """
            let form = Form(to: "\(view.path)/decide", formKey: frame.formKey, style: "cluster no-print", answers)
            return """
                <li class="cluster apart"><span>\(t.correctionKind(line.kind)) <span class="plain">\
                \(t.date(Moment(line.asked, in: view.now.zone).day, .short)) · \(t.adjustmentReason(line.reason))</span></span>\
                <span class="cluster">\(when: view.mayAdjust, form.html)<span class="num">\(t.money(line.amount))</span></span></li>
                """
        })</ul></section>
        """
}

private func payments(_ view: PatientBillView, _ frame: Frame) -> HTML? {
    let (t, all) = (frame.t, view.bill.payments)
    guard !all.isEmpty else { return nil }
    return """
        <section class="stack-s" aria-labelledby="payments">\
        <h3 id="payments">\(t("patient-bill.payments")) \(ShownOf(all.count, of: all.count, t))</h3>\
        <ul class="rows panel">\(each: all, { line in
            let failure = line.failure.map { "<p class=\"plain\">\(t.paymentFailure($0))</p>" as HTML }
            return """
                <li class="stack-s"><p class="cluster apart"><span>\(t.paymentMethod(line)) <span class="plain">\
                \(t.dateAndTime(Moment(line.started, in: view.now.zone), .short)) · \(t.paymentState(line))</span></span>\
                <span class="num">\(t.money(line.amount))</span></p>\(failure)\
                \(when: view.mayAdjust && line.isRefundable, refundForm(line, view, frame))</li>
                """
        })</ul></section>
        """
}

extension PaymentLine {
    fileprivate var isRefundable: Bool {
        state == "captured" && dispute != "open" && dispute != "lost"
            && refunds.filter { $0.state != "failed" }.reduce(0) { $0 + $1.amount } < amount.amount
    }
}

private func reasons(_ name: String, _ posted: FormData?, _ t: Wording) -> Select {
    let choices = AdjustmentReason.allCases.map { (value: $0.rawValue, label: t.adjustmentReason($0.rawValue)) }
    return Select(name, t("patient-bill.reason"), choices, chosen: posted?[name] ?? AdjustmentReason.courtesy.rawValue)
}

/// Called so in every language.
private func currencyName(_ code: String) -> HTML { "<span translate=\"no\">\(code)</span>" }

/// - Parameter posted: what its form said when it was refused.
private func amountField(_ name: String, _ view: PatientBillView, _ amount: Int, _ posted: FormData?, _ t: Wording) -> Field {
    Field(
        name, t("patient-bill.amount", ["currency": currencyName(view.bill.summary.total.currency)]),
        value: posted?.trimmed(name) ?? view.money(amount).digits, autocomplete: "off", width: .short, maximumLength: 20
    ).marked(fieldErrors(view, t), t)
}

private func refundForm(_ line: PaymentLine, _ view: PatientBillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let left = line.amount.amount - line.refunds.filter { $0.state != "failed" }.reduce(0) { $0 + $1.amount }
    let posted = view.posted(.refund(line.payment))
    let form = Form(
        to: "\(view.path)/refund", formKey: frame.formKey, style: "stack-s",
        """
        <input type="hidden" name="payment" value="\(line.payment)">\(amountField("amount-\(line.payment)", view, left, posted, t))\
        \(reasons("reason-\(line.payment)", posted, t))\
        \(Choice(
            .checkbox, name: "off", value: "yes", t("patient-bill.takes-off"), detail: t("patient-bill.takes-off-help"),
            isChecked: posted == nil || posted?["off"] != nil))\
        <p><button class="btn btn-plain">\(t("patient-bill.refund"))</button></p>
        """)
    return """
        <details class="no-print"\(when: posted != nil, " open")><summary class="target">\(t("patient-bill.refund"))</summary>\(form)</details>
        """
}

/// In instalments: how far it is, and the end of it.
private func plan(_ plan: PlanView, _ view: PatientBillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let state: HTML =
        switch (plan.state, plan.reason) {
        case ("active", _): plan.isOffices ? t("patient-bill.plan-offices") : t("patient-bill.plan-payers")
        case ("paid", _): t("patient-bill.plan-paid")
        case (_, "corrected"?): t("patient-bill.plan-corrected")
        default: t("patient-bill.plan-given-up")
        }
    let end = Form(
        to: "\(view.path)/plan/end", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="plan" value="\(plan.plan)"><button class="btn btn-link">\(t("patient-bill.plan-end"))</button>
        """)
    let parts: HTML = """
        <ul class="rows panel">\(each: plan.instalments, { part in
            let day = Day(part.dueOn).map { t.date($0, .short) } ?? HTML(text: part.dueOn)
            let isLate = part.rest > 0 && part.dueOn < view.now.day.iso
            return """
                <li class="cluster apart"><span>\(day) \(when: isLate, Tag(.warn, t("billing.overdue")).html)</span>\
                <span class="num">\(t("patient-bill.plan-part", [
                    "paid": t.money(view.money(part.paid)), "amount": t.money(view.money(part.amount)),
                ]))</span></li>
                """
        })</ul>
        """
    return """
        <section class="stack-s" aria-labelledby="plan"><h3 id="plan">\(t("patient-bill.plan")) \
        \(ShownOf(plan.instalments.count, of: plan.instalments.count, t))</h3><p>\(state)</p>\
        \(when: plan.state != "cancelled", parts)\(when: plan.state == "active" && view.mayAdjust, end.html)</section>
        """
}

private func splitting(_ view: PatientBillView, _ frame: Frame) -> HTML {
    let (t, posted) = (frame.t, view.posted(.plan))
    let count = Field(
        "count", t("patient-bill.plan-how-many"), value: posted?.trimmed("count") ?? "6", autocomplete: "off", width: .short, maximumLength: 2)
    let first = Field(
        "first", t("patient-bill.plan-first"), hint: t("over.day-hint"),
        value: posted?.trimmed("first") ?? max(view.bill.summary.dueOn, view.now.day.iso), autocomplete: "off", width: .short, maximumLength: 20)
    let errors = fieldErrors(view, t)
    let form = Form(
        to: "\(view.path)/plan", formKey: frame.formKey, style: "stack-s",
        """
        <input type="hidden" name="due" value="\(view.bill.summary.due)">\
        \(count.marked(errors, t))\(first.marked(errors, t))\
        <p><button class="btn btn-plain">\(t("patient-bill.plan-make"))</button></p>
        """)
    return """
        <details class="card no-print"\(when: posted != nil, " open")><summary class="target">\(t("patient-bill.plan-split"))</summary>\
        \(form)</details>
        """
}

private func forms(_ view: PatientBillView, _ frame: Frame) -> HTML? {
    let t = frame.t
    guard view.bill.summary.due > 0 else { return nil }
    let due = view.bill.summary.due
    let cash = Form(
        to: "\(view.path)/cash", formKey: frame.formKey, style: "card stack-s",
        """
        <h3>\(t("patient-bill.cash"))</h3>\(amountField("cash", view, due, view.posted(.cash), t))\
        <p><button class="btn">\(t("patient-bill.take-cash"))</button></p>
        """)
    let posted = view.posted(.adjust)
    let isWriteOff = posted?["kind"] == "write-off"
    let adjust = Form(
        to: "\(view.path)/adjust", formKey: frame.formKey, style: "card stack-s",
        """
        <h3>\(t("patient-bill.adjust"))</h3>\
        <fieldset class="stack-s"><legend>\(t("patient-bill.what"))</legend>\
        \(Choice(name: "kind", value: "credit", t("patient-bill.credit"), isChecked: !isWriteOff))\
        \(Choice(name: "kind", value: "write-off", t("patient-bill.write-off"), isChecked: isWriteOff))</fieldset>\
        \(amountField("off", view, due, posted, t))\(reasons("reason", posted, t))\
        <p><button class="btn btn-plain">\(t("patient-bill.take-off"))</button></p>
        """)
    let split: HTML = view.bill.plan?.state == "active" ? "" : splitting(view, frame)
    let owed = view.bill.lines.filter { $0.due == $0.charge.charged.amount }
    let whole = owed.count == view.bill.lines.count ? [(value: "all", label: t("patient-bill.void-all"))] : []
    let choices = owed.map { (value: "\($0.charge.charge)", label: "\(t.charged($0.charge)), \(t.money($0.charge.charged))" as HTML) } + whole
    let void = choices.isEmpty ? HTML() : voidForm(to: "\(view.path)/void", choices, posted: view.posted(.void), frame)
    return "<div class=\"stack no-print\">\(cash)\(when: view.mayAdjust, adjust.html + split + void)</div>"
}
