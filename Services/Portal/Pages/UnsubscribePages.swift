import Contracts
import Web

/// `GET /hooks/unsubscribe/{link}`: asks once; looking changes nothing.
func unsubscribePage(link: String, in frame: Frame) -> HTML {
    let t = frame.t
    let form = Form(
        to: "/hooks/unsubscribe/\(link)", formKey: frame.formKey, style: "card stack",
        "<p><button class=\"btn btn-large\">\(t("unsubscribe.button"))</button></p>")
    return frame.page(title: t("unsubscribe.title"), """
        <div class="wrap-narrow stack"><h1>\(t("unsubscribe.title"))</h1><p class="lead">\(t("unsubscribe.lead"))</p>\(form)</div>
        """)
}

/// After it.
func unsubscribedPage(_ topic: MessageTopic, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("unsubscribe.done"), """
        <div class="wrap-narrow stack"><h1>\(t("unsubscribe.done"))</h1>\
        \(Note(.ok, announcement: .status, "<p>\(t("unsubscribe.done-help", ["topic": t.messageTopic(topic)]))</p>"))\
        <p>\(Action(t("preferences.title"), to: "/preferences", .plain))</p></div>
        """)
}
