import Contracts
import Web

struct DocumentView: Sendable {
    var chart: Chart
    var line: DocumentLine
    /// The current ones, of which one may be newer.
    var others: [DocumentLine]
    /// With whom it is shared now.
    var shares: [ShareLine]
    /// Who works here; nil while that is not known.
    var people: Directory?
    var names: ClinicNames
    var mayAccept: Bool
    var refusal: DocumentChangeRefusal?
    var notShared: DocumentShareRefusal?
    var typed = FormData()
    var now: Moment

    var path: String { "/patients/\(chart.patient.id)/documents/\(line.document)" }
}

/// `GET /patients/{id}/documents/{document}`: what a document is, its file, and what may become of it.
func documentPage(_ view: DocumentView, in frame: Frame) -> HTML {
    let (t, line) = (frame.t, view.line)
    let errors = view.errors(t)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: line.heading(t), hasErrors: !errors.isEmpty,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)/documents">\(t("document.back"))</a></p>\
        <div class="cluster apart"><h2>\(line.heading(t))</h2>\(line.tag(isOwn: false, t))</div>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card stack-s" data-fhir="DocumentReference/\(line.document)">\(facts(view, t))\(file(view, t))</section>\
        \(acceptance(view, frame))\(sharing(view, errors, frame))\(superseding(view, errors, frame))\(retraction(view, errors, frame))</div>
        """)
}

extension DocumentView {
    fileprivate func errors(_ t: Wording) -> [FieldError] {
        switch refusal {
        case nil: notShared?.errors(t) ?? []
        case .invalid(let problems)?:
            problems.map { problem in
                // Both forms have a reason, each its own field.
                let isRetraction = typed["reason-of-retraction"] != nil
                return FieldError(problem.field == "reason" && isRetraction ? "reason-of-retraction" : problem.field, problem.fault.words(t))
            }
        case .changedMeanwhile?: [FieldError("", t("entry.changed-meanwhile"))]
        case .illegal?, .notFound?: [FieldError("", t("document.illegal"))]
        }
    }
}

private func facts(_ view: DocumentView, _ t: Wording) -> HTML {
    let line = view.line
    let none = t("chart.not-written")
    let kind = line.type.map { t.documentType($0) } ?? none
    return Facts([
        (t("document.type"), kind.isEmpty ? none : kind),
        (t("document.date"), line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .full) } ?? none),
        (t("document.filed"), line.filed.map { t.dateAndTime(Moment($0, in: view.now.zone), .full) } ?? none),
        (t("document.from"), line.from(isOwn: false, view.names, t)),
        (t("document.size"), line.size.map { t.size($0) } ?? none),
    ]).html
}

private func file(_ view: DocumentView, _ t: Wording) -> HTML {
    guard let type = view.line.contentType else { return HTML() }
    let look: HTML? = type == "application/pdf" ? nil : Action(t("document.open"), to: "\(view.path)/file", .plain).html
    return "<p class=\"cluster\">\(look)\(Action(t("document.save"), to: "\(view.path)/file?save=1", .plain))</p>"
}

private func acceptance(_ view: DocumentView, _ frame: Frame) -> HTML? {
    let t = frame.t
    guard !view.line.isReviewed, view.line.status == "current" else { return nil }
    guard view.mayAccept else { return Note(.plain, "<p>\(t("document.clinician-accepts"))</p>").html }
    return Form(
        to: "\(view.path)/accept", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("document.accept"))</h2><p>\(t("document.accept-help"))</p><input type="hidden" name="version" value="\(view.line.version)">\
        <p><button class="btn">\(t("document.accept-button"))</button></p>
        """
    ).html
}

private func superseding(_ view: DocumentView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    guard view.line.contentType != nil, view.line.status == "current" else { return nil }
    let others = [(value: "", label: t("document.by-none"))] + view.others.map { (value: "\($0.document)", label: $0.heading(t)) }
    let reason = Field(
        "reason", t("document.supersede-reason"), value: view.typed.trimmed("reason"), autocomplete: "off", maximumLength: 500)
    return Form(
        to: "\(view.path)/supersede", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("document.supersede"))</h2>\(Select("by", t("document.by"), others, chosen: view.typed.trimmed("by")).marked(errors, t))\
        \(reason.marked(errors, t))<input type="hidden" name="version" value="\(view.line.version)">\
        <p><button class="btn btn-plain">\(t("document.supersede-button"))</button></p>
        """
    ).html
}

private func retraction(_ view: DocumentView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    guard view.line.contentType != nil else { return nil }
    let reason = Field(
        "reason-of-retraction", t("entry.retract-reason"), .lines, hint: t("document.retract-hint"),
        value: view.typed.trimmed("reason-of-retraction"), autocomplete: "off", maximumLength: 500)
    return Form(
        to: "\(view.path)/retract", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("document.retract"))</h2>\(reason.marked(errors, t))<input type="hidden" name="version" value="\(view.line.version)">\
        <p><button class="btn btn-danger">\(t("document.retract-button"))</button></p>
        """
    ).html
}
