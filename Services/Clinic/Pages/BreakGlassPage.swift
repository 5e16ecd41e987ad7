import Contracts
import Web

struct BreakGlassView: Sendable {
    enum Problem: Sendable { case reason, words }

    var patient: PatientSummary
    var today: Day
    var reason: BreakGlassReason?
    var words = ""
    var problems: [Problem] = []
}

/// `GET /patients/{id}/break-glass`: the chart is closed to whoever came here; they may open it, and must say why.
func breakGlassPage(_ view: BreakGlassView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patient
    let errors = view.problems.map { problem in
        switch problem {
        case .reason: FieldError("reason-emergency", t("glass.reason-missing"))
        case .words: FieldError("words", t("glass.words-missing"))
        }
    }
    let words = Field("words", t("glass.words"), .lines, hint: t("glass.words-hint"), value: view.words, autocomplete: "off", maximumLength: 500)
    let form = Form(
        to: "/patients/\(patient.id)/break-glass", formKey: frame.formKey, style: "card stack",
        """
        <fieldset class="stack-s"><legend>\(t("glass.reason"))</legend>\
        \(each: BreakGlassReason.allCases, { reason in
            let choice = Choice(name: "reason", value: reason.rawValue, reason.words(t), isChecked: reason == view.reason)
            return "<div id=\"reason-\(reason.rawValue)\">\(choice)</div>"
        })</fieldset>\(words.marked(errors, t))\
        <p class="cluster"><button class="btn">\(t("glass.button"))</button>\(Action(t("glass.leave"), to: "/patients", .link))</p>
        """)
    return frame.page(
        title: t("glass.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h1>\(t("glass.title"))</h1>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <p class="lead"><span class="strong" translate="no">\(patient.family), \(patient.given)</span>, \(born(patient, view.today, t))</p>\
        \(Note(.warn, "<p class=\"strong\">\(t("glass.lead"))</p><p>\(t("glass.help"))</p>"))\(form)</div>
        """)
}

extension BreakGlassReason {
    func words(_ t: Wording) -> HTML {
        switch self {
        case .emergency: t("glass.reason-emergency")
        case .covering: t("glass.reason-covering")
        case .atPatientsRequest: t("glass.reason-at-patients-request")
        case .other: t("glass.reason-other")
        }
    }
}
