import Contracts
import Web

struct BillView: Sendable {
    var bill: InvoiceView
    /// The visitor pays it for somebody else: nothing leads from it into that record.
    var isOthers = false
    var offersPDF: Bool
    var refusal: PaymentRefusal?
    /// What was chosen to pay, where a form comes back: `instalment`, `all` or `part`.
    var chosen: String?
    /// What was typed as a part of what is owed.
    var typed = ""
    var now: Moment

    var currency: String { bill.summary.total.currency }
    var due: Int { bill.summary.due }
    func money(_ amount: Int) -> Money { Money(amount, currency) }
    /// Whether whoever pays may pay it in instalments.
    var maySplit: Bool {
        bill.plan?.state != "active" && due > 0 && bill.splitFrom.map { due >= $0 } ?? false
    }
    /// While the books do not hold nothing is given out as a statement.
    var isStatement: Bool { bill.books?.holds != false }
}

/// `GET /bills/{id}`: a bill, what each line is for, where each amount comes from, and how to pay. Made to be printed.
func billPage(_ view: BillView, in frame: Frame) -> HTML {
    let t = frame.t
    let (bill, amount) = (view.bill.summary, view.money(view.due))
    let title = view.due > 0 ? t("bill.owed", ["amount": t.money(amount)]) : t("bill.settled")
    let lead = t(
        "bill.lead", ["number": bill.number, "issued": t.date(Moment(bill.issued, in: view.now.zone).day, .long), "due": dueDay(bill, t)])
    let aside = view.due > 0 ? paying(view, frame) : HTML()
    return frame.page(
        title: t("bills.bill", ["number": bill.number]), hasErrors: view.refusal != nil,
        """
        <div class="sidebar"><div class="stack"><p><a class="crumb no-print" href="/bills">\(t("bills.all"))</a></p><h1>\(title)</h1>\
        <p class="lead">\(lead)</p>\(payer(bill.billedTo, isOthers: view.isOthers, t))\(summary(view, t))\
        \(view.bill.plan.map { planSection($0, view, frame) })\(table(view, t))\(origins(view, t))\
        \(when: !view.isOthers, disputing(view, frame) ?? HTML())\(words(t))\
        \(when: view.isStatement, PDFLink("/bills/\(bill.invoice)/pdf", isThere: view.offersPDF, t).html)\
        \(view.bill.coverage.map { insurance($0, t) })\
        \(when: !view.isOthers, "<p class=\"no-print\"><a class=\"target\" href=\"/messages/new?bill=\(bill.invoice)\">\(t("bill.ask"))</a></p>")\
        \(t.booksNote(view.bill.books, in: view.now.zone))</div><div class="stack-l no-print">\(aside)</div></div>
        """)
}

/// Who pays, where that is not the patient.
func payer(_ billedTo: BilledTo?, isOthers: Bool, _ t: Wording) -> HTML? {
    guard let billedTo else { return nil }
    let words =
        isOthers
        ? t("bill.for-other", ["name": "<span translate=\"no\">\(billedTo.patientName)</span>" as HTML])
        : t("bill.sent-to", ["name": "<span translate=\"no\">\(billedTo.name)</span>" as HTML])
    return Note(.plain, "<p>\(words)</p>").html
}

/// Whom to ask what is covered: we have not.
private func insurance(_ line: CoverageLine, _ t: Wording) -> HTML {
    let phone = line.details?.phone.map { "<p>\(t("coverage.call", ["phone": "<span translate=\"no\">\($0)</span>" as HTML]))</p>" as HTML }
    let name: HTML = line.details.map { "<span translate=\"no\">\($0.payor)</span>" } ?? t("coverage.gone")
    return """
        <section class="stack-s" aria-labelledby="insurance"><h2 id="insurance">\(t("coverage.insurance"))</h2>\
        <p class="cluster"><a class="target" href="/coverage/\(line.coverage)">\(name)</a> \(t.coverageState(line))</p>\(phone)\
        <p class="plain">\(t("coverage.not-asked"))</p></section>
        """
}

private func summary(_ view: BillView, _ t: Wording) -> HTML? {
    let errors = fieldErrors(view, t)
    return errors.isEmpty ? nil : ErrorSummary(errors, t).html
}

private func fieldErrors(_ view: BillView, _ t: Wording) -> [FieldError] {
    guard let refusal = view.refusal else { return [] }
    let why: HTML =
        switch refusal {
        case .invalidAmount, .otherCurrency: t("bill.invalid-amount")
        case .tooMuch(let due): t("bill.too-much", ["amount": t.money(view.money(due))])
        case .underWay: t("bill.under-way")
        case .notOffered: t("bill.no-cards")
        case .notFound, .idInUse: t("bill.again")
        }
    let isOfAmount =
        switch refusal {
        case .invalidAmount, .otherCurrency, .tooMuch: true
        default: false
        }
    return [FieldError(isOfAmount && view.chosen == "part" ? "part" : "", why)]
}

private func table(_ view: BillView, _ t: Wording) -> HTML {
    func amount(_ value: Int, of line: InvoiceLine) -> HTML { "<a href=\"#line-\(line.charge.charge)\">\(t.money(view.money(value)))</a>" }
    let lines = view.bill.lines
    var rows: [[HTML]] = lines.map { line in
        [
            "<span translate=\"no\">\(t.charged(line.charge))</span> <span class=\"plain nowrap\" translate=\"no\">\(line.charge.code)</span>",
            amount(line.charge.charged.amount, of: line), amount(-line.paid, of: line), amount(-line.adjusted, of: line), amount(line.due, of: line),
        ]
    }
    func total(_ value: (InvoiceLine) -> Int) -> HTML { "<strong>\(t.money(view.money(lines.reduce(0) { $0 + value($1) })))</strong>" }
    rows.append([t("bill.together"), total(\.charge.charged.amount), total { -$0.paid }, total { -$0.adjusted }, total(\.due)])
    let columns = [
        CardTable.Column(t("bill.service")), .init(t("bill.charged"), isNumber: true), .init(t("bill.paid"), isNumber: true),
        .init(t("bill.taken-off"), isNumber: true), .init(t("bill.you-owe"), isNumber: true),
    ]
    return """
        <section class="card stack-s" aria-labelledby="lines"><h2 id="lines">\(t("bill.lines")) \(ShownOf(lines.count, of: lines.count, t))</h2>\
        \(CardTable(caption: t("bill.lines"), hidesCaption: true, columns: columns, rows: rows))</section>
        """
}

/// Where each amount of the table comes from: the visit, the charge, and every payment.
private func origins(_ view: BillView, _ t: Wording) -> HTML {
    """
    <section class="card stack" aria-labelledby="origins"><h2 id="origins">\(t("bill.origins"))</h2>\(each: view.bill.lines, { line in
        let day = t.date(Moment(line.charge.at, in: view.now.zone).day, .short)
        let visit = t("bill.visit", ["date": day])
        let link: HTML = view.isOthers ? visit : "<a class=\"target\" href=\"/record/visits/\(line.charge.encounter)\">\(visit)</a>"
        return """
            <div class="stack-s" id="line-\(line.charge.charge)" tabindex="-1"><h3 translate="no">\(t.charged(line.charge))</h3><ul class="rows">\
            <li class="cluster apart"><span>\(t("bill.charged-at")) \(link)</span>\
            <span class="num">\(t.money(line.charge.charged))</span></li>\
            \(each: line.entries, { entry($0, view, t) })\
            \(line.disputed.map { disputed($0, t) })\
            <li class="cluster apart"><strong>\(t("bill.you-owe"))</strong>\
            <strong class="num">\(t.money(view.money(line.due)))</strong></li></ul></div>
            """
    })</section>
    """
}

private func entry(_ entry: LedgerLine, _ view: BillView, _ t: Wording) -> HTML {
    let when = t.date(Moment(entry.at, in: view.now.zone).day, .short)
    let what = entry.payment.map { "<a class=\"target\" href=\"/bills/payments/\($0)\">\(t.ledgerKind(entry))</a>" as HTML } ?? t.ledgerKind(entry)
    let why = entry.reason.map { " · \(t.adjustmentReason($0))" as HTML }
    return """
        <li class="cluster apart"><span>\(what) <span class="plain">\(when)\(why)</span></span>\
        <span class="num">\(t.money(view.money(entry.amount)))</span></li>
        """
}

private func disputed(_ reason: DisputeReason, _ t: Wording) -> HTML {
    "<li class=\"cluster\">\(Tag(.info, t("bill.disputed"))) <span class=\"plain\">\(t.disputeReason(reason)). \(t("bill.disputed-help"))</span></li>"
}

/// One form for all lines: which, and what is wrong with it.
private func disputing(_ view: BillView, _ frame: Frame) -> HTML? {
    let t = frame.t
    let open = view.bill.lines.filter { $0.due > 0 && $0.disputed == nil }
    guard let first = open.first else { return nil }
    let lines = open.map { line in
        (value: "\(line.charge.charge)", label: "\(t.charged(line.charge)), \(t.money(view.money(line.due)))" as HTML)
    }
    let reasons = DisputeReason.allCases.map { (value: $0.rawValue, label: t.disputeReason($0)) }
    let form = Form(
        to: "/bills/\(view.bill.summary.invoice)/dispute", formKey: frame.formKey, style: "stack",
        """
        \(Select("charge", t("bill.which-line"), lines, chosen: "\(first.charge.charge)", areNames: true))\
        \(Select("reason", t("bill.what-is-wrong"), reasons, chosen: DisputeReason.notDone.rawValue))\
        <p><button class="btn btn-plain">\(t("bill.dispute"))</button></p><p class="plain">\(t("bill.dispute-help"))</p>
        """)
    return """
        <details class="card no-print"><summary class="target">\(t("bill.is-wrong"))</summary>\(form)</details>
        """
}

private func words(_ t: Wording) -> HTML {
    """
    <section class="stack-s" aria-labelledby="words"><h2 id="words">\(t("bill.words"))</h2>\(Facts([
        (t("bill.charged"), t("bill.charged-means")), (t("bill.paid"), t("bill.paid-means")), (t("bill.taken-off"), t("bill.taken-off-means")),
        (t("bill.you-owe"), t("bill.you-owe-means")),
    ]))</section>
    """
}

private func paying(_ view: BillView, _ frame: Frame) -> HTML {
    let t = frame.t
    let call = frame.site.phone.map { t("bill.hard-call", ["phone": $0]) } ?? t("bill.hard-help")
    let hard: HTML = """
        <section class="card card-sunk stack-s" aria-labelledby="hard"><h2 id="hard">\(t("bill.hard"))</h2><p>\(call)</p></section>
        """
    if let pending = view.bill.summary.pending {
        let link: HTML = "<p><a href=\"/bills/payments/\(pending)\">\(t("bill.see-payment"))</a></p>"
        return "\(Note(.plain, "<p class=\"strong\">\(t("bill.pending"))</p>\(link)"))\(hard)"
    }
    guard view.bill.takesCards else { return "\(Note(.plain, "<p>\(t("bill.no-cards"))</p>"))\(hard)" }
    let amount = t.money(view.money(view.due))
    let next = view.bill.plan?.next
    // What was chosen stays so: whoever wanted to pay a part does not pay the whole bill at the next press.
    let chosen = view.chosen ?? (next == nil ? "all" : "instalment")
    let instalment = next.map { part -> HTML in
        let day = Day(part.dueOn).map { t.date($0, .short) } ?? HTML(text: part.dueOn)
        let choice = Choice(
            name: "amount", value: "instalment", t.money(view.money(part.rest)), detail: t("plan.next", ["date": day]),
            isChecked: chosen == "instalment")
        return "\(choice)<input type=\"hidden\" name=\"instalment\" value=\"\(part.rest)\">"
    }
    let split: HTML = "<p><a class=\"target\" href=\"/bills/\(view.bill.summary.invoice)/plan\">\(t("plan.split"))</a></p>"
    let part = Field("part", t("bill.part"), hint: t("bill.part-hint"), value: view.typed, autocomplete: "off", width: .short, maximumLength: 20)
        .marked(fieldErrors(view, t), t)
    let form = Form(
        to: "/bills/\(view.bill.summary.invoice)/pay", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("bill.pay"))</h2><fieldset class="stack-s"><legend>\(t("bill.how-much"))</legend><div class="choices">\
        \(instalment)\(Choice(name: "amount", value: "all", amount, detail: t("bill.all-due"), isChecked: chosen == "all"))\
        \(Choice(name: "amount", value: "part", t("bill.a-part"), isChecked: chosen == "part"))</div></fieldset>\(part)\
        <input type="hidden" name="due" value="\(view.due)"><button class="btn btn-wide">\(t("bill.go"))</button>\
        <p class="plain">\(t("bill.go-help"))</p>\(when: view.maySplit, split)
        """)
    return "\(form)\(hard)"
}
