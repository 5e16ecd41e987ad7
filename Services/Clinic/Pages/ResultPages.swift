import Contracts
import Foundation
import Web

struct EnterResultView: Sendable {
    var chart: Chart
    /// What they answer.
    var order: OrderLine?
    var form: ResultForm
    var refusal: ResultRefusal?
    var now: Moment
}

/// `GET /patients/{id}/results/new`: up to four results of one test or panel, as they stand on paper.
func enterResultPage(_ view: EnterResultView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.chart.patient.id
    let errors = fieldErrors(view.refusal, t)
    func field(_ name: String, _ label: HTML, _ hint: HTML? = nil, width: Field.Width = .full) -> HTML {
        Field(name, label, hint: hint, value: view.form[name], autocomplete: "off", width: width).marked(errors, t).html
    }
    let rows: HTML = """
        \(each: ResultForm.rows, { row in
            """
            <fieldset class="stack-s"><legend>\(t("result.number", ["number": row + 1]))</legend>\
            <div class="cluster">\(field("name-\(row)", t("chart.test")))\(field("code-\(row)", t("result.loinc"), width: .short))</div>\
            \(view.form.controls("-\(row)", errors, t))</fieldset>
            """
        })
        """
    let states: [(value: String, label: HTML)] = [("final", t.recordStatus("final")), ("preliminary", t.recordStatus("preliminary"))]
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: t("result.enter"), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(t("result.enter"))</h2>\
        \(view.order.map { "<p class=\"lead\">\(t("result.answers", ["order": $0.what.text]))</p>" as HTML })\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(Form(to: "/patients/\(patient)/results", formKey: frame.formKey, style: "card stack", """
            <div class="cluster">\(field("collected", t("chart.collected"), t("entry.date-hint"), width: .short))\
            \(Select("status", t("chart.state"), states, chosen: view.form["status"]))</div>\(rows)\
            \(view.order.map { "<input type=\"hidden\" name=\"order\" value=\"\($0.order)\">" as HTML })\
            <p><button class="btn">\(t("result.keep"))</button></p>
            """))</div>
        """)
}

private func fieldErrors(_ refusal: ResultRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil: []
    case .invalid(let problems)?:
        problems.map { problem in
            let isRange = problem.field.hasPrefix("high") && problem.fault == .notPossible
            let field = problem.field == "results" ? "name-0" : problem.field
            return FieldError(field, isRange ? t("result.range-turned") : problem.fault.words(t))
        }
    case .orderClosed?: [FieldError("", t("result.order-closed"))]
    case .inParts?: [FieldError("", t("result.in-parts"))]
    case .changedMeanwhile?, .illegal?: [FieldError("", t("entry.changed-meanwhile"))]
    case .notFound?, .idInUse?: [FieldError("", t("entry.not-kept-help"))]
    }
}

struct ResultVersionsView: Sendable {
    var chart: Chart
    var result: ResultDetail
    var form: ResultForm
    var reason = ""
    var refusal: ResultRefusal?
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/results/{result}/versions`: one result, what it said before, who has seen which; and its correction.
func resultVersionsPage(_ view: ResultVersionsView, in frame: Frame) -> HTML {
    let t = frame.t
    let (patient, result, line) = (view.chart.patient.id, view.result, view.result.line)
    let errors = fieldErrors(view.refusal, t)
    // Seen without a comment, it is still kept from the patient.
    let mayAnswer = result.waits || result.heldSince != nil
    let former = line.previousValue.map { "<span class=\"old\"><span class=\"hide\">\(t("result.was")) </span>\($0)</span>" as HTML }
    let order = result.order.map { "<p><a class=\"target\" href=\"/patients/\(patient)/orders/\($0)\">\(t("result.to-order"))</a></p>" as HTML }
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: HTML(text: line.display), hasErrors: view.refusal != nil,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(patient)/results/\(line.id)">\(t("result.over-time"))</a></p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card stack-s" aria-labelledby="newest" data-fhir="Observation/\(line.id)"><h2 id="newest">\(line.display)</h2>\
        <p class="cluster"><span class="value">\(former) \(line.shownValue(t))</span>\(line.reading?.tag(t))\
        \(t.resultStatus(line.status ?? "", corrected: line.corrected))\(when: result.waits, Tag(.warn, t("result.waits")).html)\
        \(when: result.heldSince != nil, Tag(.warn, t("result.held")).html)</p>\(order)\
        \(when: mayAnswer, acknowledge(line.id, result.version, of: patient, heldSince: result.heldSince, frame))</section>\
        \(versions(view, t))\(acknowledgements(view, t))\(correction(view, errors, frame))</div>
        """)
}

/// - Parameter name: of what is acknowledged, where several stand on a page.
func acknowledge(
    _ result: ID<Resource>, _ version: Int, of patient: ID<Patient>, named name: HTML? = nil, onPage page: Int? = nil, heldSince: Date? = nil,
    _ frame: Frame
) -> HTML {
    let t = frame.t
    // One that waits for it first of all; elsewhere a list of many would be a list of fields.
    let comment = Field(
        "comment-\(result)", heldSince == nil ? t("result.comment") : t("result.comment-waited-for"), autocomplete: "off", maximumLength: 500)
    let about = name.map { "<span class=\"hide\">: \($0)</span>" as HTML }
    return Form(to: "/worklist/results/\(result)", formKey: frame.formKey, style: "no-print", """
        <input type="hidden" name="patient" value="\(patient)"><input type="hidden" name="version" value="\(version)">\
        \(when: heldSince != nil || name == nil, comment.html)\
        \(pageField(page))<button class="btn">\(t("result.acknowledge"))\(about)</button>
        """
    ).html
}

private func person(_ practitioner: ID<Practitioner>?, from source: EntrySource = .clinic, _ view: ResultVersionsView, _ t: Wording) -> HTML {
    practitioner.map { "<span translate=\"no\">\(view.names.clinician($0, t))</span>" as HTML } ?? source.words(t)
}

private func versions(_ view: ResultVersionsView, _ t: Wording) -> HTML {
    let rows: HTML = """
        \(each: view.result.versions, { version in
            let when = t.dateAndTime(Moment(version.at, in: view.now.zone), .short)
            let who = person(version.practitioner, from: version.source, view, t)
            return """
                <li><p class="cluster apart"><span class="strong">\(version.value.map { HTML(text: $0) } ?? t("result.no-value"))</span>\
                \(Tag(.plain, t.recordStatus(version.status)))</p>\
                <p class="plain">\(t("entry.version", ["number": version.version, "time": when, "who": who]))</p>\
                \(version.reason.map { "<p class=\"plain\">\(t("result.because", ["reason": $0]))</p>" as HTML })</li>
                """
        })
        """
    return """
        <section class="panel" aria-labelledby="versions"><header><h2 id="versions">\(t("entry.versions"))</h2>\
        \(ShownOf(view.result.versions.count, of: view.result.version, t))</header><ul class="rows">\(rows)</ul></section>
        """
}

private func acknowledgements(_ view: ResultVersionsView, _ t: Wording) -> HTML {
    let seen = view.result.acknowledgements
    let rows: HTML = """
        <ul class="rows">\(each: seen, { one in
            let when = t.dateAndTime(Moment(one.at, in: view.now.zone), .short)
            let who = person(one.practitioner, view, t)
            return "<li><p>\(t("entry.version", ["number": one.version, "time": when, "who": who]))</p></li>"
        })</ul>
        """
    return """
        <section class="panel" aria-labelledby="seen"><header><h2 id="seen">\(t("result.acknowledged-by"))</h2>\
        \(ShownOf(seen.count, of: seen.count, t))</header>\(seen.isEmpty ? "<p class=\"plain\">\(t("result.nobody"))</p>" : rows)</section>
        """
}

private func correction(_ view: ResultVersionsView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    let line = view.result.line
    var next: [(value: String, label: HTML)] =
        switch line.status {
        case "registered", "preliminary": [("final", t("result.make-final"))]
        case "final", "amended", "corrected": [("corrected", t("result.correct-it")), ("amended", t("result.amend-it"))]
        default: []
        }
    guard !next.isEmpty else { return nil }
    // What has parts of its own is taken back whole.
    if view.result.reading == nil { next.removeAll { $0.value != "final" } }
    next.append(("cancelled", t("result.take-back")))
    let reason = Field("reason", t("result.reason"), .lines, value: view.reason, autocomplete: "off", maximumLength: 500)
    return Form(
        to: "/patients/\(view.chart.patient.id)/results/\(line.id)/versions", formKey: frame.formKey, style: "card stack no-print",
        """
        <h2>\(t("result.change"))</h2><p class="plain">\(t("result.change-help"))</p>\
        \(Select("status", t("order.what-now"), next, chosen: view.form["status"]))\
        \(when: view.result.reading != nil, view.form.controls("", errors, t))\(reason.marked(errors, t))\
        <input type="hidden" name="version" value="\(view.result.version)"><p><button class="btn">\(t("result.keep-correction"))</button></p>
        """
    ).html
}
