import Contracts
import Web

struct OpenAmendmentsView: Sendable {
    var found: OpenAmendments
    var isDone = false
    /// Nil: the first.
    var page: Int?
    var mayDecide: Bool
    /// Of the request that was answered: why it was not done, and what was typed.
    var refusal: (request: ID<Resource>, why: DecideAmendmentRefusal, words: String)?
    var now: Moment
}

/// `GET /amendments`: what patients say is wrong in their records, with what is due first.
func openAmendmentsPage(_ view: OpenAmendmentsView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.refusal.map { [FieldError("words-\($0.request)", words($0.why, t))] } ?? []
    let waiting = view.found.waiting
    let pages = PageLinks(view.found.page, shown: waiting.count, named: t("amendments.title"), t) { "/amendments?page=\($0)" }
    let list: HTML = "<ul class=\"rows\">\(each: waiting, { line($0, errors, view, frame) })</ul>"
    return frame.page(title: t("amendments.title"), hasErrors: !errors.isEmpty, """
        <div class="stack"><p><a class="crumb" href="/worklist">\(t("worklist.title"))</a></p><h1>\(t("amendments.title"))</h1>\
        <p class="lead">\(t("amendments.lead"))</p>\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("worklist.done"))</p>").html)\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card stack" aria-labelledby="waiting"><h2 id="waiting">\(t("amendments.waiting"))</h2>\
        \(pages)\(waiting.isEmpty ? Empty(t("amendments.none"), t("amendments.none-help")).html : list)</section></div>
        """)
}

private func words(_ why: DecideAmendmentRefusal, _ t: Wording) -> HTML {
    switch why {
    case .wordsMissing: t("worklist.words-missing")
    case .tooLong: t("amendments.too-long")
    case .alreadyDecided, .notFound: t("worklist.already-decided")
    }
}

private func line(_ line: OpenAmendments.Line, _ errors: [FieldError], _ view: OpenAmendmentsView, _ frame: Frame) -> HTML {
    let (t, amendment, patient) = (frame.t, line.amendment, line.patient)
    let typed = view.refusal.flatMap { $0.request == amendment.request ? $0.words : nil } ?? ""
    let words = Field(
        "words-\(amendment.request)", t("worklist.words"), .lines, hint: t("worklist.words-hint"), value: typed, autocomplete: "off",
        maximumLength: 1_000)
    let form = Form(to: "/amendments/\(amendment.request)", formKey: frame.formKey, style: "stack-s", """
        <input type="hidden" name="patient" value="\(patient.id)">\(pageField(view.page))\(words.marked(errors, t))\
        <p class="cluster"><button class="btn" name="answer" value="yes">\(t("amendments.accept"))</button>\
        <button class="btn btn-plain" name="answer" value="no">\(t("amendments.refuse"))</button></p>
        """)
    let now: HTML = amendment.entry.details.isEmpty ? "" : "<p class=\"plain\">\(amendment.entry.details.joined(separator: " · "))</p>"
    return """
        <li class="stack-s" data-fhir="Task/\(amendment.request)">\
        <p><a class="target" href="/patients/\(patient.id)" translate="no">\(patient.family), \(patient.given)</a> \
        <span class="plain">\(born(patient, view.now.day, t))</span></p>\
        <h3><a class="target" href="/patients/\(patient.id)/entries/\(amendment.entry.id)">\(amendment.entry.heading(t))</a></h3>\(now)\
        <p><strong>\(t("amendments.wrong"))</strong> <span translate="no">\(amendment.wrong)</span></p>\
        <p><strong>\(t("amendments.right"))</strong> <span translate="no">\(amendment.right)</span></p>\
        <p class="plain">\(amendment.clock(view.now, t))</p>\(when: view.mayDecide, form.html)</li>
        """
}
