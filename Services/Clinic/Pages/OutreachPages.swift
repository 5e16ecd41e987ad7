import Contracts
import Foundation
import Web

/// What was typed for a message to many.
struct OutreachForm: Sendable {
    var practitioner = ""
    var from = ""
    var until = ""
    var service = ""
    var purpose = ""
    var subject = ""
    var text = ""
    var onePerHousehold = true

    init() {}

    init(_ form: FormData) {
        (practitioner, from, until, service) = (form.trimmed("practitioner"), form.trimmed("from"), form.trimmed("until"), form.trimmed("service"))
        (purpose, subject, text) = (form.trimmed("purpose"), form.trimmed("subject"), form.trimmed("text"))
        onePerHousehold = form["household"] == "one"
    }

    /// Nil where a day cannot be read. One day is from it until it.
    var cohort: OutreachCohort? {
        let (first, last) = (Day(typed: from), Day(typed: until))
        guard first != nil || from.isEmpty, last != nil || until.isEmpty else { return nil }
        return OutreachCohort(
            practitioner: .chosen(practitioner), from: (first ?? last)?.iso, until: (last ?? first)?.iso, service: service.isEmpty ? nil : service)
    }
}

struct NewOutreachView: Sendable {
    var typed = OutreachForm()
    var purposes: [ThreadPurpose]
    var practitioners: [ID<Practitioner>]
    var services: [VisitService]
    var names: ClinicNames
    var refusal: OutreachRefusal?
}

/// `GET /outreach`: what was written to many, the newest first.
func outreachesPage(_ found: Outreaches, _ names: ClinicNames, _ now: Moment, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: found.outreaches, { line in
            """
            <li class="stack-s"><p><a class="target strong" href="/outreach/\(line.outreach)" translate="no">\(line.subject)</a></p>\
            <p class="plain">\(outreachState(line, t)) \(t.nearDateAndTime(Moment(line.made, in: now.zone), from: now))</p></li>
            """ as HTML
        })</ul>
        """
    return frame.page(title: t("outreach.title"), """
        <div class="stack"><p><a class="crumb" href="/messages">\(t("inbox.title"))</a></p>\
        <h1>\(t("outreach.title")) \(ShownOf(found.outreaches.count, of: found.total, t))</h1><p class="plain">\(t("outreach.help"))</p>\
        <p>\(Action(t("outreach.new"), to: "/outreach/new"))</p>\
        \(found.outreaches.isEmpty ? Empty(t("outreach.none"), t("outreach.none-help")).html : lines)</div>
        """)
}

/// `GET /outreach/new`: to whom, and what.
func newOutreachPage(_ view: NewOutreachView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = errors(view, t)
    let typed = view.typed
    let people = view.practitioners.map { (value: "Practitioner/\($0)", label: view.names.clinician($0, t)) }
    let kinds = view.services.map { (value: $0.code, label: view.names.service($0.code, t)) }
    func day(_ name: String, _ label: HTML, _ value: String, hint: HTML? = nil) -> HTML {
        Field(name, label, hint: hint, value: value, autocomplete: "off", width: .short, maximumLength: 10).marked(errors, t).html
    }
    return frame.page(title: t("outreach.new"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/outreach">\(t("outreach.title"))</a></p><h1>\(t("outreach.new"))</h1>\
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\
        \(Form(to: "/outreach", formKey: frame.formKey, style: "card stack", """
            <fieldset class="stack-s"><legend>\(t("outreach.to"))</legend><p class="hint">\(t("outreach.to-help"))</p>\
            \(Select("practitioner", t("outreach.patients-of"), [(value: "", label: t("outreach.anybody"))] + people, chosen: typed.practitioner))\
            \(day("from", t("outreach.from"), typed.from, hint: t("outreach.days-help")))\(day("until", t("outreach.until"), typed.until))\
            \(when: !kinds.isEmpty, Select(
                "service", t("outreach.kind"), [(value: "", label: t("outreach.any-kind"))] + kinds, chosen: typed.service).html)\
            \(Choice(.checkbox, name: "household", value: "one", t("outreach.household"), isChecked: typed.onePerHousehold))</fieldset>\
            \(Select("purpose", t("outreach.about"), view.purposes.map { (value: $0.rawValue, label: t.purpose($0)) }, chosen: typed.purpose))\
            \(Field("subject", t("outreach.subject"), value: typed.subject, autocomplete: "off", maximumLength: 100).marked(errors, t))\
            \(Field("text", t("outreach.text"), .lines, hint: t("outreach.text-help"), value: typed.text, autocomplete: "off", maximumLength: 5_000)
                .marked(errors, t))\
            <p><button class="btn">\(t("outreach.look"))</button></p>
            """))</div>
        """)
}

private func errors(_ view: NewOutreachView, _ t: Wording) -> [FieldError] {
    switch view.refusal {
    case nil: return []
    case .empty:
        var errors: [FieldError] = []
        if view.typed.subject.isEmpty { errors.append(FieldError("subject", t("outreach.subject-missing"))) }
        if view.typed.text.isEmpty { errors.append(FieldError("text", t("outreach.text-missing"))) }
        return errors
    case .tooLong: return [FieldError("text", t("inbox.too-long"))]
    case .tooMany: return [FieldError("", t("outreach.too-many"))]
    case .noCohort, .notFound, .notReady, .changedMeanwhile: return [FieldError("from", t("outreach.no-cohort"))]
    }
}

struct OutreachPageView: Sendable {
    var found: OutreachView
    /// Of those left out, who could be named.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var page = 0
    var refusal: OutreachRefusal?
    var now: Moment
}

/// `GET /outreach/{outreach}`: how many get it, who does not and why, and the button that sends it.
func outreachPage(_ view: OutreachPageView, in frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.found.line)
    let named = view.found.reasons.filter { $0.reason != .notAllowed }.reduce(0) { $0 + $1.count }
    let pages: HTML = """
        <p class="cluster">\(when: view.page > 0, Action(t("pages.before"), to: "/outreach/\(line.outreach)?page=\(view.page - 1)", .plain).html)\
        \(when: (view.page + 1) * 50 < named, Action(t("pages.next"), to: "/outreach/\(line.outreach)?page=\(view.page + 1)", .plain).html)</p>
        """
    return frame.page(title: t("outreach.one"), hasErrors: view.refusal != nil, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/outreach">\(t("outreach.title"))</a></p>\
        <h1 translate="no">\(line.subject)</h1>\(said(view, t))\
        \(Note(.plain, announcement: .status, "<p class=\"strong\">\(outreachState(line, t))</p><p>\(cohort(line.cohort, view, t))</p>"))\
        <blockquote><p class="kept" translate="no">\(view.found.text)</p></blockquote>\
        \(when: line.state == .ready && line.isOwn && line.chosen > 0, Form(
            to: "/outreach/\(line.outreach)/send", formKey: frame.formKey, style: "no-print", """
            <input type="hidden" name="chosen" value="\(line.chosen)">\
            <p><button class="btn">\(t("outreach.send", count: line.chosen))</button></p>
            """).html)\
        <section class="stack-s" aria-labelledby="left-out"><h2 id="left-out">\(t("outreach.left-out")) \
        \(ShownOf(view.found.leftOut.count, of: line.leftOut, t))</h2>\
        \(each: view.found.reasons, { "<p>\(outreachReason($0.reason, t)): \($0.count)</p>" })\
        \(when: !view.found.leftOut.isEmpty, """
            <ul class="rows panel">\(each: view.found.leftOut, { one in
                let name: HTML = view.patients[one.patient].map {
                    "<a class=\"target\" href=\"/patients/\(one.patient)\" translate=\"no\">\($0.family), \($0.given)</a>"
                } ?? t("inbox.patient-missing")
                return "<li class=\"cluster apart\">\(name)<span>\(outreachReason(one.reason, t))</span></li>"
            })</ul>
            """)\(pages)</section></div>
        """)
}

private func said(_ view: OutreachPageView, _ t: Wording) -> HTML? {
    switch view.refusal {
    case nil: nil
    case .changedMeanwhile: Note(.warn, announcement: .alert, "<p>\(t("outreach.changed"))</p>").html
    default: Note(.bad, announcement: .alert, "<p>\(t("outreach.not-ready"))</p>").html
    }
}

private func cohort(_ cohort: OutreachCohort, _ view: OutreachPageView, _ t: Wording) -> HTML {
    var parts: [HTML] = []
    if let practitioner = cohort.practitioner { parts.append(t("outreach.of", ["who": t.clinician(practitioner, view.names)])) }
    if let from = cohort.from.flatMap({ Day($0) }), let until = cohort.until.flatMap({ Day($0) }) {
        parts.append(t("outreach.between", ["from": t.date(from, .short), "until": t.date(until, .short)]))
    }
    return "\(each: parts, { "\($0) " })"
}

private func outreachState(_ line: OutreachLine, _ t: Wording) -> HTML {
    switch line.state {
    case .gathering: t("outreach.gathering", count: line.chosen + line.leftOut)
    case .ready: t("outreach.ready", count: line.chosen)
    case .sending: t("outreach.sending", ["sent": line.sent, "all": line.chosen])
    case .sent: t("outreach.sent", count: line.sent)
    case .tooLarge: t("outreach.too-large")
    }
}

private func outreachReason(_ reason: OutreachReason, _ t: Wording) -> HTML {
    switch reason {
    case .noPortal: t("outreach.why.no-portal")
    case .notAllowed: t("outreach.why.not-allowed")
    case .household: t("outreach.why.household")
    case .lately: t("outreach.why.lately")
    case .deceased: t("outreach.why.deceased")
    case .practice: t("outreach.why.practice")
    case .notWanted: t("outreach.why.not-wanted")
    }
}
