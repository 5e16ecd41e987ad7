import Contracts
import Web

struct MessagesView: Sendable {
    var preferences: Preferences
    var isSaved = false
    /// Somebody else changed them meanwhile.
    var isChangedMeanwhile = false
    var now: Moment
}

/// `GET /messages`: what the clinic writes about, and by which way.
func messagesPage(_ view: MessagesView, in frame: Frame) -> HTML {
    let t = frame.t
    let summary = view.isChangedMeanwhile ? ErrorSummary(title: t("messages.meanwhile"), text: t("messages.meanwhile-help")) : nil
    return frame.page(title: t("messages.title"), hasErrors: view.isChangedMeanwhile, """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/record">\(t("record.title"))</a></p><h1>\(t("messages.title"))</h1>\
        <p class="lead">\(t("messages.lead"))</p>\(summary)\
        \(view.isSaved ? Note(.ok, announcement: .status, "<p>\(t("messages.saved"))</p>") : nil)\
        \(MessageChoices(view.preferences, to: "/messages", formKey: frame.formKey, now: view.now, t))</div>
        """)
}
