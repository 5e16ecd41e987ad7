import Contracts
import Web

struct EntryPageView: Sendable {
    var chart: Chart
    var form: EntryForm
    /// Nil while it is new.
    var entry: EntryView?
    /// During which it is written.
    var encounter: ID<Resource>?
    var refusal: EntryRefusal?
    var names: ClinicNames
    var now: Moment

    var errors: [EntryProblem] { if case .invalid(let problems)? = refusal { problems } else { [] } }
}

/// `GET /patients/{id}/entries/new?kind=…`, `GET /patients/{id}/entries/{entry}`: one entry of the record, to be written or changed.
func entryPage(_ view: EntryPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.errors.map { FieldError($0.field, $0.fault.words(t)) }
    let isNew = view.entry == nil
    let title = isNew ? t("entry.new", ["kind": view.form.kind.title(t)]) : view.form.kind.title(t)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)">\(t("chart.back"))</a></p>\
        <h2>\(title)</h2>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\(refused(view, t))\
        \(view.entry?.retracted == true ? "\(Note(.warn, "<p>\(t("entry.is-retracted"))</p>"))" : form(view, errors, frame))\
        \(view.entry.map { entryVersions($0, view.names, view.now, t) })\(retraction(view, errors, frame))</div>
        """)
}

private func form(_ view: EntryPageView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    let path: String = view.entry.map { "/patients/\(view.chart.patient.id)/entries/\($0.entry)" } ?? "/patients/\(view.chart.patient.id)/entries"
    return Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(view.form.controls(errors, t))<input type="hidden" name="kind" value="\(view.form.kind.rawValue)">\
        <input type="hidden" name="version" value="\(view.entry?.version ?? 0)">\
        \(view.encounter.map { "<input type=\"hidden\" name=\"encounter\" value=\"\($0)\">" as HTML })\
        <p class="cluster"><button class="btn">\(t("entry.save"))</button>\
        \(Action(t("chart.back"), to: "/patients/\(view.chart.patient.id)", .link))</p>
        """
    ).html
}

/// Why it was not kept, where that is about more than a field.
private func refused(_ view: EntryPageView, _ t: Wording) -> HTML? {
    let patient = view.chart.patient.id
    switch view.refusal {
    case nil, .invalid?: return nil
    case .alreadyListed(let entry, let since)?:
        let known: HTML = "<a href=\"/patients/\(patient)/entries/\(entry)\">\(t("entry.open-it"))</a>"
        let date =
            since.flatMap { Day(dateTime: $0) }.map { t("entry.already-listed-since", ["date": t.date($0, .short)]) } ?? t("entry.already-listed")
        return ErrorSummary(title: date, text: known).html
    case .contradicts(let entry)?:
        let known: HTML = "<a href=\"/patients/\(patient)/entries/\(entry)\">\(t("entry.open-it"))</a>"
        return ErrorSummary(title: t("entry.contradicts"), text: known).html
    case .changedMeanwhile?: return ErrorSummary(title: t("entry.changed-meanwhile"), text: t("entry.changed-meanwhile-help")).html
    case .retracted?: return ErrorSummary(title: t("entry.is-retracted"), text: t("entry.is-retracted-help")).html
    case .notFound?, .idInUse?: return ErrorSummary(title: t("entry.not-kept"), text: t("entry.not-kept-help")).html
    }
}

/// What it said before, and who wrote it.
func entryVersions(_ entry: EntryView, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    let rows: HTML = "\(each: entry.versions, { "<li>\(version($0, names, now, t))</li>" })"
    return """
        <section class="panel" aria-labelledby="versions"><header><h2 id="versions">\(t("entry.versions"))</h2>\
        \(ShownOf(entry.versions.count, of: entry.version, t))</header><ul class="rows">\(rows)</ul></section>
        """
}

private func version(_ version: EntryVersion, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    let when = t.dateAndTime(Moment(version.at, in: now.zone), .short)
    let who = version.practitioner.map { names.clinician($0, t) } ?? version.source.words(t)
    let line = version.line
    let words = ([line.title] + line.details).joined(separator: " · ")
    let state = line.status.map { "\(Tag(.plain, t.recordStatus($0)))" as HTML }
    return """
        <p class="cluster apart"><span class="strong">\(t("entry.version", ["number": version.version, "time": when, "who": who]))</span>\
        \(line.retracted ? "\(Tag(.bad, t("entry.retracted")))" : state)</p><p class="plain">\(words)</p>
        """
}

private func retraction(_ view: EntryPageView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    guard let entry = view.entry, !entry.retracted else { return nil }
    let reason = Field(
        "reason-of-retraction", t("entry.retract-reason"), .lines, hint: t("entry.retract-hint"), autocomplete: "off", maximumLength: 500)
    return Form(
        to: "/patients/\(view.chart.patient.id)/entries/\(entry.entry)/retract", formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("entry.retract"))</h2>\(reason.marked(errors, t))<input type="hidden" name="version" value="\(entry.version)">\
        <p><button class="btn btn-danger">\(t("entry.retract-button"))</button></p>
        """
    ).html
}

extension EntryProblem.Fault {
    func words(_ t: Wording) -> HTML {
        switch self {
        case .missing: t("entry.fault-missing")
        case .tooLong: t("entry.fault-too-long")
        case .unknownCode: t("entry.fault-unknown-code")
        case .notADate: t("entry.fault-not-a-date")
        case .inTheFuture: t("entry.fault-in-the-future")
        case .beforeTheFirst: t("entry.fault-before-the-first")
        case .tooMany: t("entry.fault-too-many")
        case .notANumber: t("entry.fault-not-a-number")
        case .notPossible: t("entry.fault-not-possible")
        }
    }
}

extension EntrySource {
    func words(_ t: Wording) -> HTML {
        switch self {
        case .clinic: t("source.clinic")
        case .patient: t("source.patient")
        case .imported: t("source.imported")
        }
    }
}
