import Contracts
import Web

struct BrokenGlassesView: Sendable {
    var read: BrokenGlasses
    var patients: [ID<Patient>: PatientSummary]
    var names: ClinicNames
    var now: Moment
}

/// `GET /broken-glass`: who opened a closed chart, when and why. Each stays open until somebody has looked into it.
func brokenGlassesPage(_ view: BrokenGlassesView, in frame: Frame) -> HTML {
    let t = frame.t
    let glasses = view.read.glasses
    return frame.page(
        title: t("glass.reviews"),
        """
        <div class="stack"><h1>\(t("glass.reviews")) <span class="of">\(t("glass.open", count: view.read.open))</span></h1>\
        <p class="plain">\(t("glass.reviews-help"))</p>\
        \(glasses.isEmpty ? Empty(t("glass.none"), t("glass.none-help")).html
            : "<ol class=\"rows panel\">\(each: glasses, { "<li>\(entry($0, view, frame))</li>" })</ol>")</div>
        """)
}

private func entry(_ line: BrokenGlassLine, _ view: BrokenGlassesView, _ frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patients[line.patient].map { "<span translate=\"no\">\($0.family), \($0.given)</span>" as HTML } ?? t("glass.patient-missing")
    let reader = line.practitioner.map { view.names.clinician($0, t) } ?? t("glass.reader-missing")
    let state =
        switch line.finding {
        case .justified: Tag(.ok, t("glass.justified"))
        case .notJustified: Tag(.bad, t("glass.not-justified"))
        case nil: Tag(.warn, t("glass.to-review"))
        }
    let forms: HTML =
        line.finding == nil
        ? """
        <div class="cluster">\(review(line, .justified, t("glass.is-justified"), frame))\
        \(review(line, .notJustified, t("glass.is-not-justified"), frame))</div>
        """ : ""
    return """
        <div class="cluster apart"><span class="strong">\(t("glass.opened", ["reader": reader, "patient": patient]))</span>\(state)</div>\
        <p class="plain">\(t.dateAndTime(Moment(line.at, in: view.now.zone), .full)). \(line.reason.words(t))</p>\
        <p translate="no">\(line.words)</p>\(forms)
        """
}

private func review(_ line: BrokenGlassLine, _ finding: BreakGlassFinding, _ label: HTML, _ frame: Frame) -> HTML {
    Form(
        to: "/broken-glass/\(line.id)", formKey: frame.formKey, style: "",
        """
        <input type="hidden" name="finding" value="\(finding.rawValue)"><button class="btn btn-plain">\(label)</button>
        """
    ).html
}
