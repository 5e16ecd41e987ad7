import Contracts
import Foundation
import Web

struct AmongStaffView: Sendable {
    var patient: PatientSummary
    var messages: StaffMessages
    var names: ClinicNames
    var typed = ""
    var refusal: StaffMessageRefusal?
    var now: Moment

    var path: String { "/patients/\(patient.id)/among-staff" }
}

/// `GET /patients/{id}/among-staff`: what colleagues write to each other on a chart, in a colour and with a label that no thread with a patient has.
func amongStaffPage(_ view: AmongStaffView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.messages.messages
    let errors: [FieldError] =
        switch view.refusal {
        case nil: []
        case .empty?: [FieldError("text", t("among.empty"))]
        case .tooLong?: [FieldError("text", t("among.too-long"))]
        }
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("among.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><p class="cluster"><a class="crumb" href="/patients/\(view.patient.id)">\(t("among.chart"))</a></p>\
        <h2 class="cluster">\(t("among.title")) \(Tag(.warn, t("among.only"))) \(ShownOf(lines.count, of: view.messages.total, t))</h2>\
        \(Note(.warn, "<p>\(t("among.lead"))</p>"))\(when: !errors.isEmpty, ErrorSummary(errors, t).html)\
        \(when: lines.isEmpty, "<p class=\"plain\">\(t("among.none"))</p>")\
        <section class="thread staff" aria-label="\(t("among.title"))">\(each: lines, { message($0, view, frame) })</section>\
        \(Form(to: view.path, formKey: frame.formKey, style: "card stack", """
            \(Field("text", t("among.text"), .lines, value: view.typed, autocomplete: "off", maximumLength: 5_000).marked(errors, t))\
            <p><button class="btn">\(t("among.send"))</button></p>
            """))</div>
        """)
}

private func message(_ line: StaffMessageLine, _ view: AmongStaffView, _ frame: Frame) -> HTML {
    let t = frame.t
    let author: HTML = line.practitioner.map { t.clinician($0, view.names) } ?? t("among.colleague")
    let paragraphs = line.text.split(whereSeparator: \.isNewline)
    return """
        <article class="message\(when: line.isOwn, " mine")"><header><b>\(author)</b>\
        <time datetime="\(line.at.formatted(.iso8601))">\(t.nearDateAndTime(Moment(line.at, in: view.now.zone), from: view.now))</time></header>\
        <div class="stack-s" translate="no">\(each: paragraphs, { "<p>\($0)</p>" })</div>\
        <footer>\(Form(to: "\(view.path)/forward", formKey: frame.formKey, style: "no-print", """
            <input type="hidden" name="message" value="\(line.message)"><button class="btn btn-link">\(t("among.forward"))</button>
            """))</footer></article>
        """
}
