import Contracts
import Web

struct PreferencesView: Sendable {
    var preferences: Preferences
    var isSaved = false
    /// Somebody else changed them meanwhile.
    var isChangedMeanwhile = false
    var now: Moment
}

/// `GET /preferences`: what the clinic writes about, and by which way.
func preferencesPage(_ view: PreferencesView, in frame: Frame) -> HTML {
    let t = frame.t
    let summary = view.isChangedMeanwhile ? ErrorSummary(title: t("preferences.meanwhile"), text: t("preferences.meanwhile-help")) : nil
    return frame.page(title: t("preferences.title"), hasErrors: view.isChangedMeanwhile, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p><h1>\(t("preferences.title"))</h1>\
        <p class="lead">\(t("preferences.lead"))</p>\(summary)\
        \(view.isSaved ? Note(.ok, announcement: .status, "<p>\(t("preferences.saved"))</p>") : nil)\
        \(MessageChoices(view.preferences, to: "/preferences", formKey: frame.formKey, now: view.now, t))</div>
        """)
}
