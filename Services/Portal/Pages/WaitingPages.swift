import Contracts
import Foundation
import Web

struct WaitingView: Sendable {
    var found: Waitings
    var names: ClinicNames
    /// What has just been done.
    var done: Done?
    /// Why an offer was not taken.
    var refusal: OfferRefusal?
    var now: Moment

    enum Done: String, Sendable { case joined, asked, declined, left, call }
}

/// `GET /visits/waiting`: times that are kept, what is waited for, and what the clinic has answered.
func waitingPage(_ view: WaitingView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.found.lines.sorted { $0.offer != nil && $1.offer == nil }
    let list: HTML = "<ul class=\"rows card\">\(each: lines, { line($0, view, frame) })</ul>"
    let none = Empty(t("waiting.none"), t("waiting.none-help"), action: Action(t("visits.book"), to: "/visits/book", .plain))
    return frame.page(
        title: t("waiting.title"), hasErrors: view.refusal != nil,
        """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(t("waiting.title"))</h1>\
        \(view.refusal.map { problem($0, t) })\(view.done.map { Note(.ok, announcement: .status, "<p>\(done($0, t))</p>") })\
        \(lines.isEmpty ? none.html : "\(ShownOf(lines.count, of: view.found.total, t))\(list)")\
        <p>\(Action(t("waiting.call-button-open"), to: "/visits/call", .link))</p></div>
        """)
}

private func done(_ done: WaitingView.Done, _ t: Wording) -> HTML {
    switch done {
    case .joined: t("waiting.joined")
    case .asked: t("waiting.asked")
    case .declined: t("waiting.declined")
    case .left: t("waiting.left")
    case .call: t("waiting.call-asked")
    }
}

private func problem(_ refusal: OfferRefusal, _ t: Wording) -> ErrorSummary {
    switch refusal {
    case .patientBusy(let other):
        ErrorSummary(title: t("waiting.busy"), text: "\(t("book.busy-help")) <a href=\"/visits/\(other)\">\(t("book.busy-link"))</a>")
    case .visitGone: ErrorSummary(title: t("waiting.visit-gone"), text: t("waiting.over-help"))
    case .over, .notFound: ErrorSummary(title: t("waiting.over"), text: t("waiting.over-help"))
    }
}

private func line(_ line: WaitingLine, _ view: WaitingView, _ frame: Frame) -> HTML {
    let t = frame.t
    let what = line.service.map { view.names.service($0, t) } ?? t("waiting.call-any")
    let state: HTML
    switch line.kind {
    case .call:
        let by = line.promised.map { t("waiting.call-by", ["time": fullTime($0, t)]) } ?? t("waiting.call-soon")
        state = "<p>\(by)</p>"
    case .request: state = "<p>\(line.answer.map { answer($0, frame) } ?? t("waiting.request-open"))</p>"
    case .list:
        let isInstead = line.isInsteadOfVisit == true
        let waits: HTML =
            isInstead ? "<p>\(t("waiting.instead-open"))</p>" : "<p>\(t("waiting.list-open"))</p><p class=\"plain\">\(wishes(line, view, t))</p>"
        state = line.offer.map { offer($0, line, view, frame) } ?? waits
    }
    let visit = line.visit.map { "<p><a class=\"target\" href=\"/visits/\($0)\">\(t("waiting.your-visit"))</a></p>" as HTML }
    let title: HTML = line.kind == .call ? t("waiting.call") : what
    return "<li class=\"stack-s\"><p class=\"strong\">\(title)</p>\(state)\(visit)\(when: line.answer == nil, leave(line, what, frame).html)</li>"
}

private func offer(_ offer: WaitingOffer, _ line: WaitingLine, _ view: WaitingView, _ frame: Frame) -> HTML {
    let t = frame.t
    // Days, where it is kept for days.
    let last = Moment(offer.until, in: view.now.zone)
    let until = line.isInsteadOfVisit == true ? t.dateAndTime(last) : t.time(last)
    func form(_ path: String, _ button: HTML) -> Form {
        Form(to: path, formKey: frame.formKey, style: "", "<input type=\"hidden\" name=\"offer\" value=\"\(offer.offer)\">\(button)")
    }
    let why =
        line.isInsteadOfVisit == true ? t("waiting.offer-instead") : line.visit == nil ? t("waiting.offer-new") : t("waiting.offer-move")
    let facts = Facts([
        (t("visit.when"), fullTime(offer.start, t)), (t("visit.whom"), view.names.clinician(offer.practitioner, t)),
        (t("visit.where"), view.names.place(offer.location, t)),
    ])
    return """
        \(Note(.ok, icon: .clock, """
            <p class="strong">\(t("waiting.offer", ["until": until]))</p>\
            <p>\(why)</p>
            """))\(facts)\
        <div class="cluster">\(form("/visits/waiting/take", "<button class=\"btn btn-large\">\(t("waiting.take"))</button>"))\
        \(form("/visits/waiting/decline", "<button class=\"btn btn-plain\">\(t("waiting.decline"))</button>"))</div>
        """
}

private func answer(_ answer: WaitingAnswer, _ frame: Frame) -> HTML {
    let t = frame.t
    return switch answer {
    case .booked: t("waiting.answer-booked")
    case .called: t("waiting.answer-called")
    case .callUs: "\(t("waiting.answer-call-us")) \(callUs(frame))"
    case .notPossible: "\(t("waiting.answer-not-possible")) \(callUs(frame))"
    }
}

/// "with Dr. Okafor, 1 Dec 2026 to 4 Dec 2026, Monday, in the morning".
private func wishes(_ line: WaitingLine, _ view: WaitingView, _ t: Wording) -> HTML {
    let whom = line.practitioner.map { view.names.clinician($0, t) } ?? t("book.anyone")
    func day(_ text: String?) -> HTML { text.flatMap { Day($0) }.map { t.date($0, .short) } ?? "" }
    let days = t("waiting.days", ["from": day(line.wishes.from), "until": day(line.wishes.until)])
    let weekdays: HTML = "\(each: line.wishes.weekdays, { ", \(t.weekday($0))" as HTML })"
    let part: HTML =
        switch line.wishes.part {
        case .any: ""
        case .morning: ", \(t("waiting.morning"))"
        case .afternoon: ", \(t("waiting.afternoon"))"
        }
    return "\(whom). \(days)\(weekdays)\(part)"
}

private func leave(_ line: WaitingLine, _ what: HTML, _ frame: Frame) -> Form {
    let t = frame.t
    return Form(to: "/visits/waiting/leave", formKey: frame.formKey, style: "no-print", """
        <input type="hidden" name="waiting" value="\(line.waiting)">\
        <button class="btn btn-link">\(t("waiting.leave"))<span class="hide">: \(what)</span></button>
        """)
}

/// What was typed, or came with the address.
struct WaitingForm: Sendable {
    var service = ""
    /// A clinician's id; empty for anybody.
    var with = ""
    /// The visit that is to be sooner.
    var visit = ""
    var from = ""
    var until = ""
    var weekdays: [Int] = []
    var part = DayPart.any

    init(service: String, with: String, visit: String) { (self.service, self.with, self.visit) = (service, with, visit) }

    init(_ form: FormData) {
        (service, with, visit) = (form.trimmed("service"), form.trimmed("with"), form.trimmed("visit"))
        (from, until) = (form.trimmed("from"), form.trimmed("until"))
        weekdays = form.all("weekday").prefix(7).compactMap { Int($0) }
        part = DayPart(rawValue: form.trimmed("part")) ?? .any
    }

    /// A day that cannot be read goes on as it was typed: scheduling refuses it where it stands.
    var wishes: VisitWishes {
        func day(_ text: String) -> String? { text.isEmpty ? nil : Day(typed: text)?.iso ?? text }
        return VisitWishes(from: day(from), until: day(until), weekdays: weekdays, part: part)
    }
}

struct JoinWaitingView: Sendable {
    var form: WaitingForm
    var service: VisitService
    var names: ClinicNames
    var refusal: JoinRefusal?

    /// Whether the clinic books it when it is asked to.
    var isRequest: Bool { service.rules?.isByRequest == true && form.visit.isEmpty }
}

/// `GET /visits/waiting/new`: when somebody could come.
func joinWaitingPage(_ view: JoinWaitingView, in frame: Frame) -> HTML {
    let t = frame.t
    let (form, title) = (view.form, view.isRequest ? t("waiting.request-title") : t("waiting.join-title"))
    let errors = fieldErrors(view.refusal, t)
    func field(_ name: String, _ label: HTML, _ value: String) -> Field {
        Field(name, label, hint: t("waiting.day-hint"), value: value, autocomplete: "off", width: .short, maximumLength: 10).marked(errors, t)
    }
    let weekdays = (1...7).map { day in
        Choice(.checkbox, name: "weekday", value: "\(day)", t.weekday(day).capitalized, isChecked: form.weekdays.contains(day))
    }
    let words: [(DayPart, HTML)] = [
        (.any, t("waiting.any-part")), (.morning, t("waiting.morning").capitalized), (.afternoon, t("waiting.afternoon").capitalized),
    ]
    let parts = words.map { Choice(name: "part", value: $0.0.rawValue, $0.1, isChecked: form.part == $0.0) }
    let whom = ID<Practitioner>(form.with).map { view.names.clinician($0, t) } ?? t("book.anyone")
    let hidden = [("service", form.service), ("with", form.with), ("visit", form.visit)]
    return frame.page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(title)</h1>\
        <p class="lead">\(view.isRequest ? t("waiting.request-lead") : form.visit.isEmpty ? t("waiting.join-lead") : t("waiting.sooner-lead"))</p>\
        \(summary(view.refusal, errors, t))<p>\(view.names.service(form.service, t))\(t("book.with-whom", ["clinician": whom]))</p>\
        \(Form(to: "/visits/waiting", formKey: frame.formKey, style: "card stack", """
            \(each: hidden, { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\($0.1)\">" as HTML })\
            \(field("from", t("waiting.from"), form.from))\(field("until", t("waiting.until"), form.until))\
            <fieldset><legend>\(t("waiting.weekdays"))</legend><p class="hint">\(t("waiting.weekdays-hint"))</p>\
            <div class="choices">\(each: weekdays, \.html)</div></fieldset>\
            <fieldset><legend>\(t("waiting.part"))</legend><div class="choices">\(each: parts, \.html)</div></fieldset>\
            <p><button class="btn btn-large">\(view.isRequest ? t("waiting.request-send") : t("waiting.join"))</button></p>
            """))</div>
        """)
}

private func fieldErrors(_ refusal: JoinRefusal?, _ t: Wording) -> [FieldError] {
    guard case .invalid(let problems)? = refusal else { return [] }
    return problems.map { FieldError($0.field, t("waiting.day-wrong")) }
}

private func summary(_ refusal: JoinRefusal?, _ errors: [FieldError], _ t: Wording) -> ErrorSummary? {
    let mine: HTML = "<a href=\"/visits/waiting\">\(t("waiting.title"))</a>"
    return switch refusal {
    case nil: nil
    case .invalid: ErrorSummary(errors, t)
    case .waitsAlready: ErrorSummary(title: t("waiting.already"), text: mine)
    case .visitGone: ErrorSummary(title: t("waiting.visit-gone"), text: mine)
    case .byClinicOnly: ErrorSummary(title: t("book.by-phone"), text: t("book.by-phone-help"))
    }
}

/// `GET /visits/call`: the clinic calls, and says until when.
func callPage(service: String, patient: PatientSummary?, in frame: Frame) -> HTML {
    let t = frame.t
    // Without the record nobody can say which number it has.
    let number = patient.map { patient -> HTML in
        let number = patient.phone.map { t("waiting.call-number", ["phone": "<span translate=\"no\">\($0)</span>" as HTML]) }
        return "<p>\(number ?? t("waiting.call-no-number")) <a class=\"target\" href=\"/details\">\(t("waiting.call-change"))</a></p>"
    }
    return frame.page(
        title: t("waiting.call"),
        """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(t("waiting.call"))</h1>\
        <p class="lead">\(t("waiting.call-lead"))</p>\
        \(Form(to: "/visits/call", formKey: frame.formKey, style: "card stack", """
            \(number)<input type="hidden" name="service" value="\(service)">\
            <p class="cluster"><button class="btn btn-large">\(t("waiting.call-button"))</button>\(Action(t("book.leave"), to: "/visits", .link))</p>
            """))</div>
        """)
}

/// Where no time suits: the ways on.
func nothingSuits(service: String, with: String, isByRequest: Bool, _ t: Wording) -> HTML {
    let join = Action(
        isByRequest ? t("waiting.request-open-button") : t("waiting.join-open"), to: "/visits/waiting/new?service=\(service)&with=\(with)",
        isByRequest ? .filled : .plain)
    return """
        <p class="cluster">\(join)\(Action(t("waiting.call-button-open"), to: "/visits/call?service=\(service)", .plain))</p>
        """
}
