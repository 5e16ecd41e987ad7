import Contracts
import Foundation
import Web

struct WaitingListView: Sendable {
    var found: Waitings
    /// By patient; who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    /// Whether booking is theirs.
    var mayBook: Bool
    var isDone = false
    /// Why an offer was not taken.
    var refusal: OfferRefusal?
    var now: Moment
}

/// `GET /waiting`: who is to be called, who has asked for a visit, and who waits for a time, in the order in which they are served.
func waitingListPage(_ view: WaitingListView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.found.lines
    func part(_ kind: WaitingKind, _ title: HTML) -> HTML {
        let own = lines.filter { $0.kind == kind }
        guard !own.isEmpty else { return "" }
        return """
            <section class="panel" aria-labelledby="\(kind.rawValue)"><header><h2 id="\(kind.rawValue)">\(title)</h2>\
            \(ShownOf(own.count, of: own.count, t))</header>\
            <ol class="rows">\(each: own, { line($0, view, frame) })</ol></section>
            """
    }
    return frame.page(
        title: t("waiting.title"), hasErrors: view.refusal != nil,
        """
        <div class="stack"><p><a class="crumb" href="/board">\(t("board.title"))</a></p>\
        <h1>\(t("waiting.title")) \(ShownOf(lines.count, of: view.found.total, t))</h1>\
        \(view.isDone ? Note(.ok, announcement: .status, "<p>\(t("waiting.done"))</p>") : nil)\(view.refusal.map { problem($0, t) })\
        \(when: !lines.isEmpty && view.patients.isEmpty, Note(.warn, "<p>\(t("day.names-missing"))</p>").html)\
        \(lines.isEmpty ? Empty(t("waiting.none"), t("waiting.none-help")).html : "")\
        \(part(.call, t("waiting.calls")))\(part(.request, t("waiting.requests")))\(part(.list, t("waiting.list")))</div>
        """)
}

private func problem(_ refusal: OfferRefusal, _ t: Wording) -> ErrorSummary {
    switch refusal {
    case .patientBusy: ErrorSummary(title: t("visits.busy"), text: t("waiting.over-help"))
    case .visitGone: ErrorSummary(title: t("waiting.visit-gone"), text: t("waiting.over-help"))
    case .over, .notFound: ErrorSummary(title: t("waiting.over"), text: t("waiting.over-help"))
    }
}

private func line(_ line: WaitingLine, _ view: WaitingListView, _ frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patients[line.patient]
    let who = patient.map { "<span translate=\"no\">\($0.family), \($0.given)</span>" as HTML } ?? t("day.patient-missing")
    let phone = patient.map { $0.phone.map { "<span translate=\"no\">\($0)</span>" as HTML } ?? t("patient.not-known") }
    let what = line.service.map { "<span translate=\"no\">\(view.names.service($0, t))</span>" as HTML } ?? t("waiting.anything")
    let whom = line.practitioner.map { ", <span translate=\"no\">\(view.names.clinician($0, t))</span>" as HTML }
    let promised = line.promised.flatMap { promise in
        Moment(promise).map { moment in
            Tag(promise.instant < view.now.instant ? .bad : .warn, t("waiting.promised", ["time": t.nearDateAndTime(moment, from: view.now)]))
        }
    }
    return """
        <li class="stack-s"><div class="cluster apart"><a class="target strong" href="/patients/\(line.patient)">\(who)</a>\
        <span>\(phone.map { "\(t("patient.phone")): \($0)" as HTML })</span>\(promised)</div>\
        <p class="plain">\(what)\(whom)\(when: line.kind != .call, ". \(wishes(line.wishes, t))"). \
        \(t("waiting.since", ["time": t.nearDateAndTime(Moment(line.since, in: view.now.zone), from: view.now)]))</p>\
        \(line.offer.map { offer($0, view, t) })\(when: view.mayBook, buttons(line, who, frame))</li>
        """
}

private func offer(_ offer: WaitingOffer, _ view: WaitingListView, _ t: Wording) -> HTML {
    let start = Moment(offer.start).map { t.nearDateAndTime($0, from: view.now) } ?? HTML(text: offer.start.local)
    let until = t.clock(Moment(offer.until, in: view.now.zone))
    return """
        <p class="cluster">\(Tag(.info, t("waiting.offered", ["until": until])))<span>\(start), \
        <span translate="no">\(view.names.clinician(offer.practitioner, t))</span></span></p>
        """
}

private func wishes(_ wishes: VisitWishes, _ t: Wording) -> HTML {
    func day(_ text: String?) -> HTML { text.flatMap { Day($0) }.map { t.date($0, .short) } ?? "" }
    let weekdays: HTML = "\(each: wishes.weekdays, { ", \(t.weekday($0))" as HTML })"
    let part: HTML =
        switch wishes.part {
        case .any: ""
        case .morning: ", \(t("waiting.morning"))"
        case .afternoon: ", \(t("waiting.afternoon"))"
        }
    return "\(t("absence.days", ["from": day(wishes.from), "until": day(wishes.until)]))\(weekdays)\(part)"
}

private func buttons(_ line: WaitingLine, _ who: HTML, _ frame: Frame) -> HTML {
    let t = frame.t
    let with = line.practitioner.map { "Practitioner/\($0)" } ?? "anyone"
    let book = Action(t("visits.book"), to: "/patients/\(line.patient)/visits/new?service=\(line.service ?? "")&with=\(with)", .plain)
    let acts: [(String, HTML)] =
        switch line.kind {
        case .call: [("called", t("waiting.called"))]
        case .request: [("callUs", t("waiting.call-us")), ("notPossible", t("waiting.not-possible"))]
        case .list where line.offer == nil: [("leave", t("waiting.leave"))]
        case .list: [("take", t("waiting.take")), ("decline", t("waiting.decline")), ("leave", t("waiting.leave"))]
        }
    let offer = line.offer.map { "<input type=\"hidden\" name=\"offer\" value=\"\($0.offer)\">" as HTML }
    return Form(to: "/waiting", formKey: frame.formKey, style: "cluster no-print", """
        <input type="hidden" name="waiting" value="\(line.waiting)"><input type="hidden" name="patient" value="\(line.patient)">\(offer)\
        \(when: line.kind != .list, book.html)\(each: acts, { act in
            """
            <button class="btn btn-plain" name="act" value="\(act.0)">\(act.1)<span class="hide">: \(who)</span></button>
            """ as HTML
        })
        """).html
}
