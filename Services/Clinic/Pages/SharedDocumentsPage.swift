import Contracts
import Foundation
import Web

struct SharedDocumentsView: Sendable {
    var documents: [SharedDocument]
    var names: ClinicNames
    var now: Moment
}

/// `GET /shared`: documents of patients one does not treat, which colleagues let one open for a while.
func sharedDocumentsPage(_ view: SharedDocumentsView, in frame: Frame) -> HTML {
    let (t, lines) = (frame.t, view.documents)
    let list: HTML = "<p>\(ShownOf(lines.count, of: lines.count, t))</p><ul class=\"rows card\">\(each: lines, { line($0, view, t) })</ul>"
    return frame.page(
        title: t("shared.title"),
        """
        <div class="stack"><h1>\(t("shared.title"))</h1><p class="lead">\(t("shared.lead"))</p>\
        \(lines.isEmpty ? "<div class=\"empty\"><p>\(t("shared.none"))</p></div>" : list)</div>
        """)
}

private func line(_ shared: SharedDocument, _ view: SharedDocumentsView, _ t: Wording) -> HTML {
    let (patient, document) = (shared.patient, shared.document)
    let file = "/shared/\(patient.id)/\(document.document)"
    let look: HTML? = document.contentType == "application/pdf" ? nil : Action(t("document.open"), to: file, .plain).html
    let by = shared.sharedBy.map { who in
        let name: HTML = "<span translate=\"no\">\(view.names.clinician(who, t))</span>"
        return "<span>\(t("shared.by", ["name": name]))</span>" as HTML
    }
    return """
        <li class="stack-s" data-fhir="DocumentReference/\(document.document)"><p><span translate="no">\(patient.family), \(patient.given)</span> \
        <span class="plain">\(born(patient, view.now.day, t))</span></p>\
        <div class="cluster apart"><h2>\(document.heading(t))</h2>\(document.tag(isOwn: false, t))</div>\
        <p class="plain">\(document.facts(isOwn: false, view.names, t))</p>\
        <p class="cluster plain">\(by)<span>\(t("shared.until", ["date": lastDay(of: shared.until, view.now, t)]))</span></p>\
        <p class="cluster">\(look)\(Action(t("document.save"), to: "\(file)?save=1", .plain))</p></li>
        """
}

/// A share ends with a day.
func lastDay(of until: Date, _ now: Moment, _ t: Wording) -> HTML { t.date(Moment(until.addingTimeInterval(-1), in: now.zone).day, .full) }
