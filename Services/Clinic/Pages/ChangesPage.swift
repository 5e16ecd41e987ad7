import Contracts
import Web

struct ChangesView: Sendable {
    var found: DemographicRequests
    var isDone = false
    /// Of the request that was answered: why it was not done, and what was typed.
    var refusal: (request: ID<Resource>, why: DecideDemographicsRefusal, words: String)?
    var now: Moment
}

/// `GET /changes`: what patients ask to have changed about who they are, beside what is on file.
func changesPage(_ view: ChangesView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.refusal.map { [FieldError("words-\($0.request)", words($0.why, t))] } ?? []
    let waiting = view.found.waiting
    let list: HTML = "<ul class=\"rows\">\(each: waiting, { line($0, errors, view, frame) })</ul>"
    return frame.page(title: t("changes.title"), hasErrors: !errors.isEmpty, """
        <div class="stack"><h1>\(t("changes.title"))</h1><p class="lead">\(t("changes.lead"))</p>\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("changes.done"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card stack" aria-labelledby="waiting"><h2 id="waiting">\(t("changes.waiting")) \
        \(ShownOf(waiting.count, of: view.found.total, t))</h2>\
        \(waiting.isEmpty ? Empty(t("changes.none"), t("changes.none-help")).html : list)</section></div>
        """)
}

private func words(_ why: DecideDemographicsRefusal, _ t: Wording) -> HTML {
    switch why {
    case .wordsMissing: t("changes.words-missing")
    case .tooLong: t("changes.too-long")
    case .changedMeanwhile: t("changes.meanwhile")
    case .alreadyDecided, .notFound: t("changes.already-decided")
    }
}

private func line(_ line: DemographicRequests.Line, _ errors: [FieldError], _ view: ChangesView, _ frame: Frame) -> HTML {
    let (t, request) = (frame.t, line.request)
    let typed = view.refusal.flatMap { $0.request == request.request ? $0.words : nil } ?? ""
    let words = Field(
        "words-\(request.request)", t("changes.words"), hint: t("changes.words-hint"), value: typed, autocomplete: "off", maximumLength: 500)
    let seen: HTML = "\(each: line.now?.members ?? [], { "<input type=\"hidden\" name=\"seen-\($0.name)\" value=\"\($0.value)\">" })"
    let form = Form(to: "/changes/\(request.request)", formKey: frame.formKey, style: "stack-s", """
        <input type="hidden" name="patient" value="\(line.patient.id)">\
        <input type="hidden" name="field" value="\(request.after.field.rawValue)">\(seen)\(words.marked(errors, t))\
        <p class="cluster"><button class="btn" name="answer" value="yes">\(t("changes.accept"))</button>\
        <button class="btn btn-plain" name="answer" value="no">\(t("changes.refuse"))</button></p>
        """)
    let was: HTML? = line.now == request.before ? nil : "<p class=\"plain\">\(t("changes.since", ["before": request.before.words(t)]))</p>"
    return """
        <li class="stack-s" data-fhir="Task/\(request.request)">\
        <p><a class="target" href="/patients/\(line.patient.id)" translate="no">\(line.patient.family), \(line.patient.given)</a> \
        <span class="plain">\(born(line.patient, view.now.day, t))</span></p><h3>\(request.after.field.words(t))</h3>\
        <p>\(t("changes.from", ["now": line.now.words(t)]))</p><p class="strong">\(t("changes.to", ["after": request.after.words(t)]))</p>\(was)\
        <p class="plain">\(t("changes.asked", ["time": t.nearDateAndTime(Moment(request.asked, in: view.now.zone), from: view.now)]))</p>\(form)</li>
        """
}
