import Contracts
import Web

struct DocumentsView: Sendable {
    var documents: Documents
    var search: DocumentSearch
    /// One was sent just now.
    var wasSent = false
    var names: ClinicNames
}

/// `GET /documents`: every document of one's record, or those that fit.
func documentsPage(_ view: DocumentsView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.documents.documents
    let list = DocumentList(lines, isOwn: true, view.names, path: { $0.contentType == nil ? nil : "/documents/\($0.document)/file" }, t)
    return frame.page(
        title: t("documents.title"),
        """
        <div class="stack-l"><div class="stack"><h1>\(t("documents.title"))</h1><p class="lead">\(t("documents.lead"))</p>\
        \(when: view.wasSent, Note(.ok, announcement: .status, "<p>\(t("documents.sent"))</p>").html)\
        <p>\(Action(t("documents.send"), to: "/documents/new"))</p>\(view.search.html(to: "/documents/find", isOwn: true, in: frame))</div>\
        <section class="card stack-s" aria-labelledby="list"><h2 id="list">\(t("section.documents")) \
        \(ShownOf(lines.count, of: view.documents.total, t))</h2>\
        \(list)</section></div>
        """)
}

struct SendDocumentView: Sendable {
    var form: DocumentForm
    var problem: DocumentProblem?
}

/// `GET /documents/new`: sends the clinic a photo or a file.
func sendDocumentPage(_ view: SendDocumentView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(
        title: t("documents.send"), hasErrors: view.problem != nil,
        """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/documents">\(t("documents.title"))</a></p><h1>\(t("documents.send"))</h1>\
        <p class="lead">\(t("documents.send-lead"))</p>\(view.form.html(to: "/documents", view.problem, in: frame))</div>
        """)
}
