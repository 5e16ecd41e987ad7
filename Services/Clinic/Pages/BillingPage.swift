import Contracts
import Web

struct BillingView: Sendable {
    var work: BillingWork
    /// What patients ask about bills.
    var messages = Available<Inbox>.missing
    /// Those who could be named; records may be away.
    var patients: [ID<Patient>: PatientSummary]
    var names = ClinicNames(nil)
    var now: Moment
}

/// `GET /billing`: what waits in the billing office.
func billingPage(_ view: BillingView, in frame: Frame) -> HTML {
    let (t, work) = (frame.t, view.work)
    return frame.page(
        title: t("billing.title"),
        """
        <div class="stack-l"><div class="stack"><h1>\(t("billing.title"))</h1>\(t.booksNote(work.books, in: view.now.zone))</div>\
        \(messages(view, t))\
        \(section("missing", t("billing.missing"), work.missing.count, of: work.missingTotal, t, each: work.missing) { missing($0, view, t) })\
        \(section("unbilled", t("billing.unbilled"), work.unbilled.count, of: work.unbilledTotal, t, each: work.unbilled) { unbilled($0, view, t) })\
        \(section("failed", t("billing.failed"), work.failed.count, of: work.failedTotal, t, each: work.failed) { payment($0, view, t) })\
        \(section("disputes", t("billing.disputes"), work.disputes.count, of: work.disputesTotal, t, each: work.disputes) { payment($0, view, t) })\
        \(section("approvals", t("billing.approvals"), work.approvals?.count ?? 0, of: work.approvalsTotal ?? 0, t, each: work.approvals ?? []) {
            approval($0, view, t)
        })\
        \(section(
            "questioned", t("billing.questioned"), work.disputedLines?.count ?? 0, of: work.disputedLinesTotal ?? 0, t,
            each: work.disputedLines ?? []) { questioned($0, view, t) })\
        \(section(
            "coverages", t("billing.coverages"), work.coverages?.count ?? 0, of: work.coveragesTotal ?? 0, t, each: work.coverages ?? []) {
                unchecked($0, view, t)
            })\
        \(section(
            "late-plans", t("billing.late-plans"), work.latePlans?.count ?? 0, of: work.latePlansTotal ?? 0, t, each: work.latePlans ?? []) {
                latePlan($0, view, t)
            })\
        \(section("unpaid", t("billing.unpaid"), work.unpaid.count, of: work.unpaidTotal, t, each: work.unpaid) { unpaid($0, view, t) })</div>
        """)
}

private func messages(_ view: BillingView, _ t: Wording) -> HTML {
    """
    <section class="stack-s" aria-labelledby="messages"><h2 id="messages">\(t("inbox.title"))</h2>\
    \(view.messages.html(missing: t("worklist.missing")) { inbox in
        let lines = Array(inbox.threads.filter { $0.purpose == .bill }.prefix(10))
        return """
            \(lines.isEmpty
                ? "<div class=\"empty\"><p>\(t("billing.none"))</p></div>" as HTML : inboxRows(lines, view.patients, view.names, view.now, t))\
            <p>\(Action(t("inbox.open"), to: "/messages", .plain))</p>
            """
    })</section>
    """
}

private func section<Item>(
    _ id: String, _ title: HTML, _ shown: Int, of total: Int, _ t: Wording, each items: [Item], _ line: (Item) -> HTML
) -> HTML {
    let list: HTML = items.isEmpty ? "<div class=\"empty\"><p>\(t("billing.none"))</p></div>" : "<ul class=\"rows panel\">\(each: items, line)</ul>"
    return """
        <section class="stack-s" aria-labelledby="\(id)"><h2 id="\(id)">\(title) \(ShownOf(shown, of: total, t))</h2>\(list)</section>
        """
}

private func name(_ patient: ID<Patient>, _ view: BillingView, _ t: Wording) -> HTML {
    guard let known = view.patients[patient] else { return t("billing.unnamed") }
    return "<span translate=\"no\">\(known.family), \(known.given)</span>"
}

private func missing(_ line: VisitToCharge, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/charges/\(line.encounter)">\(name(line.patient, view, t))</a>\
    <span class="cluster"><span>\(t.dateAndTime(Moment(line.ended, in: view.now.zone), .short))</span>\
    \(when: line.isLate, Tag(.warn, t("billing.late")).html)</span></li>
    """
}

private func unbilled(_ line: UnbilledCharges, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills">\(name(line.patient, view, t))</a>\
    <span>\(t("billing.charges", count: line.count)) · \(t.money(line.total))</span></li>
    """
}

private func payment(_ line: PaymentLine, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills/\(line.invoice)">\(name(line.patient, view, t))</a>\
    <span>\(t.money(line.amount)) · \(t.paymentState(line)) · \(t.date(Moment(line.started, in: view.now.zone).day, .short))</span></li>
    """
}

private func approval(_ line: ApprovalLine, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills/\(line.invoice)">\(name(line.patient, view, t))</a>\
    <span>\(t.correctionKind(line.kind)) · \(t.money(line.amount)) · \(t.date(Moment(line.asked, in: view.now.zone).day, .short))</span></li>
    """
}

private func questioned(_ line: DisputedLine, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills/\(line.invoice)">\(name(line.patient, view, t))</a>\
    <span>\(t.disputeReason(line.reason)) · \(t.date(Moment(line.opened, in: view.now.zone).day, .short))</span></li>
    """
}

private func unchecked(_ line: CoverageToCheck, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/coverage">\(name(line.patient, view, t))</a>\
    <span>\(t.date(Moment(line.added, in: view.now.zone).day, .short))\
    \(when: !line.hasCard, " \(Tag(.info, t("billing.no-card")))")</span></li>
    """
}

extension Wording {
    /// refund, credit, write-off
    func correctionKind(_ kind: String) -> HTML {
        switch kind {
        case "refund": self("patient-bill.refund")
        case "write-off": self("patient-bill.write-off")
        default: self("patient-bill.credit")
        }
    }
}

private func unpaid(_ line: InvoiceSummary, _ view: BillingView, _ t: Wording) -> HTML {
    let due = Day(line.dueOn).map { t.date($0, .short) } ?? HTML(text: line.dueOn)
    return """
        <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills/\(line.invoice)">\(name(line.patient, view, t))</a>\
        <span>\(line.number) · \(t.money(Money(line.due, line.total.currency))) · \(t("billing.due", ["date": due]))\
        \(when: line.plan == nil && line.dueOn < view.now.day.iso, " \(Tag(.warn, t("billing.overdue")))")\
        \(when: line.plan != nil, " \(Tag(.info, t("billing.in-parts")))")</span></li>
        """
}

private func latePlan(_ line: InvoiceSummary, _ view: BillingView, _ t: Wording) -> HTML {
    """
    <li class="cluster apart"><a class="target" href="/patients/\(line.patient)/bills/\(line.invoice)">\(name(line.patient, view, t))</a>\
    <span>\(line.number) · \(t("billing.late-plan", ["amount": t.money(Money(line.plan?.late ?? 0, line.total.currency))]))</span></li>
    """
}

struct ChargesView: Sendable {
    /// Why a visit costs nothing, as codes.
    static let nothing = ["follow-up", "courtesy", "not-done"]

    var patient: PatientSummary
    var encounter: ID<Resource>
    var fees: [Fee]
    var refusal: ChargeRefusal?
    /// What was posted and not kept.
    var typed: FormData?
    var now: Moment
}

/// `GET /patients/{id}/charges/{encounter}`: what was done at a visit, by the list of fees.
func chargesPage(_ view: ChargesView, in frame: Frame) -> HTML {
    let t = frame.t
    let why: HTML? =
        switch view.refusal {
        case nil: nil
        case .nothingSaid: t("charges.nothing-said")
        case .invalidQuantity: t("charges.invalid-quantity")
        case .unknownService: t("charges.unknown-service")
        case .notFound: t("charges.not-found")
        }
    let services: HTML = """
        <fieldset class="stack-s"><legend>\(t("charges.services"))</legend>\(each: view.fees, { fee in
            let name = fee.name[t.language.tag] ?? fee.name["en"] ?? fee.code
            let typed = view.typed?["of-\(fee.code)"] ?? ""
            return """
                <div class="cluster apart"><span translate="no">\(name) <span class="plain">\(fee.code) · \(t.money(fee.price))</span></span>\
                <span class="field short"><label class="hide" for="of-\(fee.code)">\(t("charges.quantity")) \
                <span translate="no">\(name)</span></label>\
                <input id="of-\(fee.code)" name="of-\(fee.code)" type="text" inputmode="numeric" maxlength="2" autocomplete="off" \
                value="\(typed)"></span></div>
                """
        })</fieldset>
        """
    let reasons = [(value: "", label: t("charges.something"))] + ChargesView.nothing.map { (value: $0, label: noCharge($0, t)) }
    let form = Form(
        to: "/patients/\(view.patient.id)/charges/\(view.encounter)", formKey: frame.formKey, style: "card stack",
        """
        \(view.fees.isEmpty ? Note(.warn, "<p>\(t("charges.no-fees"))</p>").html : services)\
        \(Select("nothing", t("charges.nothing"), reasons, chosen: view.typed?["nothing"] ?? ""))\
        <p><button class="btn">\(t("charges.save"))</button></p>
        """)
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("charges.title"), hasErrors: why != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/billing">\(t("billing.title"))</a></p><h2>\(t("charges.title"))</h2>\
        \(why.map { ErrorSummary(title: t("charges.not-kept"), text: $0) })\(form)</div>
        """)
}

private func noCharge(_ code: String, _ t: Wording) -> HTML {
    switch code {
    case "follow-up": t("charges.follow-up")
    case "courtesy": t("charges.courtesy")
    default: t("charges.not-done")
    }
}
