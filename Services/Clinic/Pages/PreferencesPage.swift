import Contracts
import Web

struct PreferencesView: Sendable {
    var patient: PatientSummary
    var preferences: Preferences
    var isSaved = false
    /// Somebody else changed them meanwhile.
    var isChangedMeanwhile = false
    var now: Moment
}

/// `GET /patients/{id}/preferences`: what the patient wants to be written about, for the desk to see, and to change when they call.
func preferencesPage(_ view: PreferencesView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/patients/\(view.patient.id)"
    let summary = view.isChangedMeanwhile ? ErrorSummary(title: t("preferences.meanwhile"), text: t("preferences.meanwhile-help")) : nil
    return frame.with(banner: patientStrip(view.patient, asOf: view.now, view.now, t)).page(
        title: t("preferences.title"), hasErrors: view.isChangedMeanwhile,
        """
        <div class="wrap-narrow stack"><h2>\(t("preferences.title"))</h2><p class="plain">\(t("preferences.help"))</p>\(summary)\
        \(view.isSaved ? Note(.ok, announcement: .status, "<p>\(t("preferences.saved"))</p>") : nil)\
        \(MessageChoices(view.preferences, to: "\(path)/preferences", formKey: frame.formKey, now: view.now, t))\
        <p>\(Action(t("chart.back"), to: path, .plain))</p></div>
        """)
}
