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
    /// What was written about it; missing while notifications does not answer, nil where it is not shown.
    var notices: Available<Notices>?
    /// Just moved: says so on top.
    var isMoved = false
    /// How far it is, where it takes place by video.
    var call: CallState?
    var rules = VisitRules()
    /// Why what was asked for did not happen.
    var problem: Problem?

    enum Problem: Sendable {
        /// It has begun, or is no longer booked.
        case tooLate
        /// It begins so soon that the clinic has to do it.
        case pastCutOff
        /// Somebody moved it in between.
        case changedMeanwhile
    }

    var isComing: Bool { visit.status == "booked" && visit.start.instant > now.instant }
    /// Whether it begins so soon that patients do not change it themselves.
    var isPastCutOff: Bool { visit.start.instant.addingTimeInterval(-60 * Double(rules.cutOffMinutes)) <= now.instant }
    /// It was to come: calendars that have it are told that it does not.
    var isCancelledAhead: Bool { visit.status == "cancelled" && visit.start.instant > now.instant }
    var mayMove: Bool { isComing && !isPastCutOff && rules.mode == .direct }
}

/// `GET /visits/{id}` of a held time: check and book.
func confirmVisitPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let until = view.visit.holdUntil.map { Moment($0, in: view.now.zone) }
    let hold = until.map { until in
        let minutes = max(1, Int(until.instant.timeIntervalSince(view.now.instant) / 60))
        let deadline: HTML = "<strong>\(t("confirm.until", ["time": t.clock(until)]))</strong>"
        let seconds = max(0, Int(until.instant.timeIntervalSince(view.now.instant)))
        let left: HTML = """
            <p hidden>\(t("confirm.left")) <strong role="timer" data-seconds="\(seconds)" data-over="\(t("confirm.over"))"></strong></p>
            """
        let kept = t("confirm.kept", ["time": Moment(view.visit.start).map { t.clock($0) } ?? "", "until": deadline])
        return Note(.plain, icon: .clock, "<p>\(kept) \(t("confirm.minutes", count: minutes))</p>\(left)")
    }
    let form = Form(to: "/visits/\(view.visit.appointment)/book", formKey: frame.formKey, style: "card stack", """
        \(facts(view, t))\(hold)<input type="hidden" name="slot" value="\(slotValue(view.visit))">\
        <p class="cluster"><button class="btn btn-large">\(t("confirm.book"))</button>\
        \(Action(t("book.leave"), to: "/visits", .link))</p>\
        <p class="plain">\(t("confirm.reminder"))</p>
        """)
    return frame.page(title: t("confirm.title"), script: .countdown, """
        <div class="stack-l form-page"><div class="stack-s"><h1>\(t("confirm.title"))</h1><p class="lead">\(t("confirm.lead"))</p></div>\
        <ol class="line steps"><li class="done" data-n="1"><h2>\(t("book.what-and-who"))</h2><p>\(visitLine(view.visit, view.names, t))</p></li>\
        <li class="done" data-n="2"><h2>\(t("book.when"))</h2><p>\(fullTime(view.visit.start, t))</p>\
        <p><a class="target" href="/visits/book">\(t("book.change"))</a></p></li>\
        <li data-n="3"><h2>\(t("confirm.check"))</h2>\(form)</li></ol></div>
        """)
}

/// Whoever left while they waited or spoke goes back to where they were.
private func wayToCall(_ call: CallState, _ view: VisitView, _ t: Wording) -> HTML {
    let path = "/visits/\(view.visit.appointment)/call"
    return """
        <p class="cluster">\(Action(call.isUnderWay ? t("video.return") : t("video.join"), to: path))\
        \(when: call == .scheduled, Action(t("device.open"), to: "\(path)/test", .plain).html)</p>
        """
}

/// `GET /visits/{id}` of a booked, past or cancelled visit.
func visitPage(_ view: VisitView, in frame: Frame) -> HTML {
    let t = frame.t
    let title = view.isNew ? t("visit.booked-title") : view.isMoved ? t("move.done") : view.names.service(view.visit.service, t)
    let done = Note(.ok, announcement: .status, """
        <p class="strong">\(t("visit.is-booked"))</p><p>\(t("visit.confirmation-sent"))</p>
        """)
    return frame.page(title: title, hasErrors: view.problem != nil, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(title)</h1>\
        \(view.problem.map { problem($0, frame) })\(view.isNew || view.isMoved ? done : nil)\
        <div class="card stack"><p>\(t.visitStatus(view.visit.status))</p>\(facts(view, t))\
        \(view.call.map { wayToCall($0, view, t) })</div>\
        \(when: view.isComing, "\(calendar(view, frame))\(changes(view, frame))")\(when: view.isCancelledAhead, calendar(view, frame).html)\
        \(view.notices.map { messages($0, view.now, t) })<p>\(Action(t("visit.to-home"), to: "/", .link))</p></div>
        """)
}

private func messages(_ notices: Available<Notices>, _ now: Moment, _ t: Wording) -> HTML {
    notices.html(missing: t("visit.messages-missing")) { notices in
        """
        <section class="card stack-s" aria-labelledby="messages"><h2 id="messages">\(t("visit.messages"))</h2>\
        \(NoticeTable(notices, now: now, t))<p class="plain"><a class="target" href="/preferences">\(t("preferences.title"))</a></p></section>
        """
    }
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

private func calendar(_ view: VisitView, _ frame: Frame) -> Form {
    Form(to: "/visits/\(view.visit.appointment)/calendar", formKey: frame.formKey, style: "cluster", """
        <button class="btn btn-plain">\(view.isCancelledAhead ? frame.t("calendar.remove") : frame.t("calendar.add"))</button>\
        <span class="plain">\(view.isCancelledAhead ? frame.t("calendar.remove-help") : frame.t("calendar.help"))</span>
        """)
}

/// What patients do with a visit themselves, and whom they call for the rest.
private func changes(_ view: VisitView, _ frame: Frame) -> HTML {
    let t = frame.t
    let path = "/visits/\(view.visit.appointment)"
    guard !view.isPastCutOff else { return Note(.plain, icon: .clock, "<p>\(t("move.past-cut-off")) \(callUs(frame))</p>").html }
    return """
        \(when: !view.mayMove, "<p>\(t("move.by-phone")) \(callUs(frame))</p>")<p class="cluster">\
        \(view.mayMove ? Action(t("move.button-open"), to: "\(path)/move", .plain) : nil)\
        \(view.mayMove ? sooner(view.visit, t) : nil)\
        \(Action(t("cancel.button-open"), to: "\(path)/cancel", .plain))</p>
        """
}

private func sooner(_ visit: AppointmentLine, _ t: Wording) -> Action {
    Action(t("waiting.sooner-open"), to: "/visits/waiting/new?service=\(visit.service)&visit=\(visit.appointment)", .plain)
}

private func problem(_ problem: VisitView.Problem, _ frame: Frame) -> ErrorSummary {
    let t = frame.t
    return switch problem {
    case .tooLate: ErrorSummary(title: t("cancel.too-late"), text: callUs(frame))
    case .pastCutOff: ErrorSummary(title: t("move.past-cut-off"), text: callUs(frame))
    case .changedMeanwhile: ErrorSummary(title: t("move.changed"), text: t("move.changed-help"))
    }
}

private func facts(_ view: VisitView, _ t: Wording) -> Facts {
    let whom = view.patient.map { [(t("visit.for"), HTML(text: $0.name))] } ?? []
    return Facts(whom + [
        (t("visit.when"), fullTime(view.visit.start, t)),
        (t("visit.what"), view.names.service(view.visit.service, t)), (t("visit.whom"), view.names.clinician(view.visit.practitioner, t)),
        (t("visit.where"), view.names.place(view.visit.location, t)),
    ])
}
