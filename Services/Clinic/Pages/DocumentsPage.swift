import Contracts
import Web

struct DocumentsView: Sendable {
    var chart: Chart
    var documents: Documents
    var search: DocumentSearch
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/documents`: the documents of a chart, or those that fit.
func documentsPage(_ view: DocumentsView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, lines) = (view.documents.patient.id, view.documents.documents)
    let list = DocumentList(
        lines, isOwn: false, view.names,
        path: { $0.contentType == nil ? "/patients/\(patient)/entries/\($0.document)" : "/patients/\(patient)/documents/\($0.document)" }, t)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("section.documents"),
        """
        <div class="stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(t("section.documents"))</h2>\
        <p>\(Action(t("document.new"), to: "/patients/\(patient)/documents/new"))</p>\
        \(view.search.html(to: "/patients/\(patient)/documents/find", isOwn: false, in: frame))\
        <section class="panel" aria-label="\(t("section.documents"))"><header>\(ShownOf(lines.count, of: view.documents.total, t))</header>\
        \(list)</section></div>
        """)
}

struct NewDocumentView: Sendable {
    var chart: Chart
    var form: DocumentForm
    var problem: DocumentProblem?
    var now: Moment
}

/// `GET /patients/{id}/documents/new`: files a document.
func newDocumentPage(_ view: NewDocumentView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.chart.patient.id
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("document.new"), hasErrors: view.problem != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)/documents">\(t("document.back"))</a></p>\
        <h2>\(t("document.new"))</h2>\(view.form.html(to: "/patients/\(patient)/documents", view.problem, in: frame))</div>
        """)
}
