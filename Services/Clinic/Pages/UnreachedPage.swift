import Contracts
import Web

struct UnreachedView: Sendable {
    var found: Unreached
    var patients: [ID<Patient>: PatientSummary]
    var isDone = false
    var now: Moment
}

/// `GET /unreached`: whom no message about a coming visit has reached, to be called.
func unreachedPage(_ view: UnreachedView, in frame: Frame) -> HTML {
    let t = frame.t
    let letters = view.found.letters ?? []
    let news: HTML? = letters.isEmpty ? nil : """
        <h2>\(t("unreached.news")) \(ShownOf(letters.count, of: view.found.totalLetters ?? letters.count, t))</h2>\
        <p class="plain">\(t("unreached.news-help"))</p><ul class="rows panel">\(each: letters, { letter($0, view, frame) })</ul>
        """
    let list: HTML = "<ul class=\"rows panel\">\(each: view.found.lines, { line($0, view, frame) })</ul>"
    return frame.page(
        title: t("unreached.title"),
        """
        <div class="stack"><h1>\(t("unreached.title")) \(ShownOf(view.found.lines.count, of: view.found.total, t))</h1>\
        <p class="plain">\(t("unreached.help"))</p>\
        \(view.isDone ? Note(.ok, announcement: .status, "<p>\(t("unreached.done"))</p>") : nil)\
        \(view.found.lines.isEmpty ? Empty(t("unreached.none"), t("unreached.none-help")).html : list)\(news)</div>
        """)
}

private func letter(_ letter: UnreachedLetter, _ view: UnreachedView, _ frame: Frame) -> HTML {
    let t = frame.t
    let what =
        switch letter.kind {
        case "message-waiting": t("unreached.message")
        case "invoice-issued", "statement-made": t("unreached.bill")
        case "waitlist-offered", "visit-unkept": t("unreached.time")
        default: t("unreached.record")
        }
    let at = t.dateAndTime(Moment(letter.at, in: view.now.zone), .short)
    return row(letter.patient, letter.letter.description, "\(what), \(at)", letter.reasons, view, frame)
}

private func line(_ line: UnreachedLine, _ view: UnreachedView, _ frame: Frame) -> HTML {
    let when = Moment(line.start).map { frame.t.nearDateAndTime($0, from: view.now) } ?? "\(line.start.local) \(line.start.zone)"
    let what: HTML = "<a class=\"target\" href=\"/patients/\(line.patient)/visits/\(line.appointment)/messages\">\(when)</a>"
    return row(line.patient, line.intent.description, what, line.reasons, view, frame)
}

/// - Parameters:
///   - told: what the desk takes off the list.
///   - what: the patient was to be told of.
private func row(_ id: ID<Patient>, _ told: String, _ what: HTML, _ reasons: [String], _ view: UnreachedView, _ frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patients[id]
    let name = patient.map { "\($0.family), \($0.given)" } ?? ""
    let phone = patient?.phone.map { HTML(text: $0) } ?? t("patient.not-known")
    let why = reasons.compactMap { $0.split(separator: " ").last }.map { t.noticeReason(String($0)) }
    let form = Form(
        to: "/unreached", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="intent" value="\(told)"><input type="hidden" name="patient" value="\(id)">\
        <button class="btn btn-plain">\(t("unreached.told"))<span class="hide" translate="no"> \(name)</span></button>
        """)
    return """
        <li class="stack-s"><p><a class="target" href="/patients/\(id)" translate="no">\(name)</a> · \(t("patient.phone")): \
        <span translate="no">\(phone)</span></p>\
        <p>\(what)</p><p class="plain">\(each: why, { "\($0) " })</p>\(form)</li>
        """
}
