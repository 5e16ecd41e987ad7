import Contracts
import Foundation
import Web

struct VisitView: Sendable {
    var visit: AppointmentLine
    /// Nil while records is away: then the page names nobody.
    var patient: PatientSummary?
    var names: ClinicNames
    var now: Moment
    /// Just booked: says so on top.
    var isNew = false
    /// Why cancelling did not work.
    var couldNotCancel = false
}

/// `GET /visits/{id}` of a held time: check and book.
func confirmVisitPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let until = view.visit.holdUntil.map { Moment($0, in: view.now.zone) }
    let hold = until.map { until in
        let minutes = max(1, Int(until.instant.timeIntervalSince(view.now.instant) / 60))
        let deadline: HTML = "<strong>\(t("confirm.until", ["time": t.clock(until)]))</strong>"
        let kept = t("confirm.kept", ["time": Moment(view.visit.start).map { t.clock($0) } ?? "", "until": deadline])
        return Note(.plain, icon: .clock, "<p>\(kept) \(t("confirm.minutes", count: minutes))</p>")
    }
    let form = Form(to: "/visits/\(view.visit.appointment)/book", formKey: frame.formKey, style: "card stack", """
        \(facts(view, t))\(hold)<input type="hidden" name="slot" value="\(slotValue(view.visit))">\
        <p class="cluster"><button class="btn btn-large">\(t("confirm.book"))</button>\
        \(Action(t("book.leave"), to: "/visits", .link))</p>\
        <p class="plain">\(t("confirm.reminder"))</p>
        """)
    return frame.page(title: t("confirm.title"), """
        <div class="stack-l form-page"><div class="stack-s"><h1>\(t("confirm.title"))</h1><p class="lead">\(t("confirm.lead"))</p></div>\
        <ol class="line steps"><li class="done" data-n="1"><h2>\(t("book.what-and-who"))</h2><p>\(visitLine(view.visit, view.names, t))</p></li>\
        <li class="done" data-n="2"><h2>\(t("book.when"))</h2><p>\(fullTime(view.visit.start, t))</p>\
        <p><a class="target" href="/visits/book">\(t("book.change"))</a></p></li>\
        <li data-n="3"><h2>\(t("confirm.check"))</h2>\(form)</li></ol></div>
        """)
}

/// `GET /visits/{id}` of a booked, past or cancelled visit.
func visitPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let isComing = view.visit.status == "booked" && view.visit.start.instant > view.now.instant
    let title = view.isNew ? t("visit.booked-title") : view.names.service(view.visit.service, t)
    let done = Note(.ok, announcement: .status, """
        <p class="strong">\(t("visit.is-booked"))</p><p>\(t("visit.confirmation-sent"))</p>
        """)
    return frame.page(title: title, hasErrors: view.couldNotCancel, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(title)</h1>\
        \(view.couldNotCancel ? ErrorSummary(title: t("cancel.too-late"), text: tooLateHelp(frame)) : nil)\(view.isNew ? done : nil)\
        <div class="card stack"><p>\(t.visitStatus(view.visit.status))</p>\(facts(view, t))</div>\
        \(when: isComing, "<p class=\"cluster\">\(Action(t("cancel.button-open"), to: "/visits/\(view.visit.appointment)/cancel", .plain))</p>")\
        <p>\(Action(t("visit.to-home"), to: "/", .link))</p></div>
        """)
}

/// `GET /visits/{id}/cancel`: asks once.
func cancelVisitPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let form = Form(to: "/visits/\(view.visit.appointment)/cancel", formKey: frame.formKey, style: "card stack", """
        \(facts(view, t))<p class="cluster"><button class="btn btn-danger">\(t("cancel.button"))</button>\
        \(Action(t("cancel.keep"), to: "/visits/\(view.visit.appointment)", .plain))</p>
        """)
    return frame.page(title: t("cancel.title"), """
        <div class="wrap-narrow stack"><h1>\(t("cancel.title"))</h1><p class="lead">\(t("cancel.lead"))</p>\(form)</div>
        """)
}

/// After cancelling.
func visitCancelledPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("cancel.done"), """
        <div class="wrap-narrow stack"><h1>\(t("cancel.done"))</h1>\
        \(Note(.ok, announcement: .status, "<p>\(t("cancel.done-help", ["time": fullTime(view.visit.start, t)]))</p>"))\
        <p class="cluster">\(Action(t("cancel.book-other"), to: "/visits/book"))\(Action(t("visit.to-home"), to: "/", .link))</p></div>
        """)
}

private func tooLateHelp(_ frame: Frame) -> HTML {
    frame.site.phone.map { frame.t("cancel.too-late-call", ["phone": $0]) } ?? frame.t("cancel.too-late-help")
}

private func facts(_ view: VisitView, _ t: Wording) -> Facts {
    let whom = view.patient.map { [(t("visit.for"), HTML(text: $0.name))] } ?? []
    return Facts(whom + [
        (t("visit.when"), fullTime(view.visit.start, t)),
        (t("visit.what"), view.names.service(view.visit.service, t)), (t("visit.whom"), view.names.clinician(view.visit.practitioner, t)),
        (t("visit.where"), view.names.place(view.visit.location, t)),
    ])
}
