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
    let list: HTML = "<ul class=\"rows panel\">\(each: view.found.lines, { line($0, view, frame) })</ul>"
    return frame.page(
        title: t("unreached.title"),
        """
        <div class="stack"><h1>\(t("unreached.title")) \(ShownOf(view.found.lines.count, of: view.found.total, t))</h1>\
        <p class="plain">\(t("unreached.help"))</p>\
        \(view.isDone ? Note(.ok, announcement: .status, "<p>\(t("unreached.done"))</p>") : nil)\
        \(view.found.lines.isEmpty ? Empty(t("unreached.none"), t("unreached.none-help")).html : list)</div>
        """)
}

private func line(_ line: UnreachedLine, _ view: UnreachedView, _ frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patients[line.patient]
    let name = patient.map { "\($0.family), \($0.given)" } ?? ""
    let when = Moment(line.start).map { t.nearDateAndTime($0, from: view.now) } ?? "\(line.start.local) \(line.start.zone)"
    let phone = patient?.phone.map { HTML(text: $0) } ?? t("patient.not-known")
    let why = line.reasons.compactMap { $0.split(separator: " ").last }.map { t.noticeReason(String($0)) }
    let form = Form(
        to: "/unreached", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="intent" value="\(line.intent)"><input type="hidden" name="patient" value="\(line.patient)">\
        <button class="btn btn-plain">\(t("unreached.told"))<span class="hide" translate="no"> \(name)</span></button>
        """)
    return """
        <li class="stack-s"><p><a class="target" href="/patients/\(line.patient)" translate="no">\(name)</a> · \(t("patient.phone")): \
        <span translate="no">\(phone)</span></p>\
        <p><a class="target" href="/patients/\(line.patient)/visits/\(line.appointment)/messages">\(when)</a></p>\
        <p class="plain">\(each: why, { "\($0) " })</p>\(form)</li>
        """
}
