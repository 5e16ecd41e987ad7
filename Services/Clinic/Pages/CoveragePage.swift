import Contracts
import Web

struct PatientCoverageView: Sendable {
    var patient: PatientSummary
    var coverages: Coverages
    /// One was refused without a reason, or is decided already.
    var wrong: (coverage: ID<Coverage>, refusal: CoverageChangeRefusal)?
    var isDone = false
    var now: Moment

    var path: String { "/patients/\(patient.id)/coverage" }
}

/// `GET /patients/{id}/coverage`: a patient's insurances, each beside its card; what nobody has checked is checked here.
func patientCoveragePage(_ view: PatientCoverageView, in frame: Frame) -> HTML {
    let (t, lines) = (frame.t, view.coverages.coverages)
    let errors = view.wrong.map { wrong in
        [
            wrong.refusal == .reasonMissing
                ? FieldError("reason-\(wrong.coverage)", t("coverage.reason-missing")) : FieldError("", t("coverage.decided-already"))
        ]
    } ?? []
    let list: HTML = "<ul class=\"rows panel\">\(each: lines, { line($0, view, errors, frame) })</ul>"
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("coverage.title"), hasErrors: !errors.isEmpty,
        """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/patients/\(view.patient.id)/bills">\(t("patient-bills.title"))</a></p>\
        <h2>\(t("coverage.title")) \(ShownOf(lines.count, of: lines.count, t))</h2>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(when: view.isDone, Note(.ok, announcement: .status, "<p>\(t("coverage.decided"))</p>").html)\
        \(lines.isEmpty ? Empty(t("coverage.none"), t("coverage.none-here")).html : list)</div></div>
        """)
}

private func line(_ line: CoverageLine, _ view: PatientCoverageView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let t = frame.t
    func picture(_ document: ID<Resource>?, _ words: HTML, _ none: HTML) -> HTML {
        document.map { "<a class=\"target\" href=\"\(view.path)/\($0)/file\">\(words)</a>" } ?? none
    }
    let added = t.dateAndTime(Moment(line.added, in: view.now.zone), .short)
    return """
        <li class="stack-s"><p class="cluster apart"><span>\(t.coverageState(line))</span><span class="plain">\
        \(t("coverage.added", ["time": added]))</span></p>\(line.details.map { t.coverageFacts($0).html } ?? "<p>\(t("coverage.gone"))</p>")\
        <p class="cluster">\(picture(line.front, t("coverage.see-front"), t("coverage.no-front")))\
        \(picture(line.back, t("coverage.see-back"), t("coverage.no-back")))</p>\(decisions(line, view, errors, frame))</li>
        """
}

private func decisions(_ line: CoverageLine, _ view: PatientCoverageView, _ errors: [FieldError], _ frame: Frame) -> HTML? {
    let t = frame.t
    let reasons = [(value: "", label: t("proxies.choose-reason"))] + CoverageReason.allCases.map { (value: $0.rawValue, label: t.coverageReason($0)) }
    let name = "reason-\(line.coverage)"
    let body: HTML
    switch line.state {
    case "stated":
        body = """
            <button class="btn" name="decision" value="confirmed">\(t("coverage.confirm"))</button>\
            \(Select(name, t("coverage.reason"), reasons, chosen: "").marked(errors, t))\
            <button class="btn btn-plain" name="decision" value="refused">\(t("coverage.refuse"))</button>
            """
    case "confirmed": body = "<button class=\"btn btn-plain\" name=\"decision\" value=\"ended\">\(t("coverage.end"))</button>"
    default: return nil
    }
    return Form(
        to: view.path, formKey: frame.formKey, style: "cluster no-print",
        "<input type=\"hidden\" name=\"coverage\" value=\"\(line.coverage)\">\(body)"
    ).html
}
