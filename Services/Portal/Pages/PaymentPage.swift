import Contracts
import Web

/// `GET /bills/payments/{id}`: a receipt, or how far a payment is.
func paymentPage(_ view: PaymentView, now: Moment, in frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.line)
    let title: HTML =
        switch line.state {
        case "captured": t("receipt.title")
        case "failed": t("payment.failed-title")
        case "cancelled": t("payment.cancelled-title")
        case "requires-action": t("payment.finish-title")
        default: t("payment.pending-title")
        }
    return frame.page(
        title: title, hasErrors: line.state == "failed",
        """
        <div class="form-page stack"><p><a class="crumb no-print" href="/bills/\(line.invoice)">\(t("bills.bill", ["number": view.number]))</a></p>\
        <h1>\(title)</h1>\(what(view, frame))<section class="card" aria-label="\(t("receipt.facts"))">\(facts(view, now, t))</section>\
        \(refunds(line, now, t))</div>
        """)
}

private func what(_ view: PaymentView, _ frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.line)
    switch line.state {
    case "captured":
        return Note(.ok, announcement: .status, "<p>\(t.paymentState(line))</p>").html
    case "failed":
        let again = Action(t("payment.again"), to: "/bills/\(line.invoice)")
        return "\(Note(.bad, announcement: .alert, "<p>\(t.paymentFailure(line.failure ?? ""))</p>"))<p class=\"no-print\">\(again)</p>"
    case "cancelled":
        return "<p>\(t("payment.cancelled"))</p><p class=\"no-print\">\(Action(t("payment.again"), to: "/bills/\(line.invoice)"))</p>"
    case "requires-action":
        let cancel = Form(
            to: "/bills/payments/\(line.payment)/cancel", formKey: frame.formKey, style: "no-print",
            "<button class=\"btn btn-plain\">\(t("payment.cancel"))</button>")
        let failed = line.failure.map { Note(.bad, announcement: .alert, "<p>\(t.paymentFailure($0))</p>") }
        let go = view.page.map { Action(t("payment.go"), to: $0) }
        return "\(failed)<p>\(t("payment.finish"))</p><div class=\"cluster no-print\">\(go)\(cancel)</div>"
    default:
        let look = Action(t("payment.look"), to: "/bills/payments/\(line.payment)", .plain)
        return "\(Note(.plain, announcement: .status, "<p>\(t("payment.pending"))</p>"))<p class=\"no-print\">\(look)</p>"
    }
}

private func facts(_ view: PaymentView, _ now: Moment, _ t: Wording) -> Facts {
    let line = view.line
    var facts: [(name: HTML, value: HTML)] = [
        (t("receipt.amount"), t.money(line.amount)), (t("receipt.state"), t.paymentState(line)), (t("receipt.method"), t.paymentMethod(line)),
        (t("receipt.bill"), "<a href=\"/bills/\(line.invoice)\">\(view.number)</a>"),
        (t("receipt.when"), t.dateAndTime(Moment(line.ended ?? line.started, in: now.zone), .full)),
    ]
    if line.refunded > 0 { facts.append((t("receipt.refunded"), t.money(Money(line.refunded, line.amount.currency)))) }
    facts.append((t("receipt.number"), "<span translate=\"no\">\(line.payment)</span>"))
    return Facts(facts)
}

private func refunds(_ line: PaymentLine, _ now: Moment, _ t: Wording) -> HTML? {
    guard !line.refunds.isEmpty else { return nil }
    return """
        <section class="card stack-s" aria-labelledby="refunds"><h2 id="refunds">\(t("receipt.refunds")) \
        \(ShownOf(line.refunds.count, of: line.refunds.count, t))</h2><ul class="rows">\(each: line.refunds, { refund in
            let state: HTML =
                switch refund.state {
                case "done": t("refund.done")
                case "failed": t("refund.failed")
                default: t("refund.requested")
                }
            return """
                <li class="cluster apart"><span>\(state) <span class="plain">\(t.adjustmentReason(refund.reason)) · \
                \(t.date(Moment(refund.ended ?? refund.asked, in: now.zone).day, .short))</span></span>\
                <span class="num">\(t.money(Money(refund.amount, line.amount.currency)))</span></li>
                """
        })</ul></section>
        """
}
