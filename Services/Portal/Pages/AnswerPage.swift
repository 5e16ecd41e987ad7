import Contracts
import Web

/// `GET /answer/{link}`: whether somebody comes to the visit a message told of. Who holds the message needs no account; nothing is shown that the
/// message did not say.
func answerPage(_ visit: VisitLink, link: String, in frame: Frame) -> HTML {
    let t = frame.t
    let when: HTML = fullTime(visit.start, t)
    let (title, lead): (HTML, HTML) =
        switch visit.state {
        case .open: (t("answer.title"), t("answer.lead"))
        case .accepted: (t("answer.accepted"), t("answer.accepted-help"))
        case .declined: (t("answer.declined"), t("answer.declined-help"))
        case .refused: (t("answer.refused"), callUs(frame))
        case .moved: (t("answer.moved"), t("answer.moved-help"))
        case .cancelled: (t("answer.cancelled"), t("answer.cancelled-help"))
        case .past: (t("answer.past"), callUs(frame))
        }
    let next = visit.state.takesAnswers ? nil : "<p>\(Action(t("answer.portal"), to: "/visits", .plain))</p>" as HTML
    return frame.page(title: title, """
        <div class="wrap-narrow stack"><h1>\(title)</h1><p class="lead">\(lead)</p>\
        <div class="card">\(Facts([(t("visit.when"), when)]))</div>\(visit.state.takesAnswers ? form(visit, link, frame) : nil)\(next)</div>
        """)
}

private func form(_ visit: VisitLink, _ link: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let come: HTML = "<button class=\"btn btn-large\" name=\"answer\" value=\"yes\">\(t("answer.come"))</button>"
    let cancel: HTML = "<button class=\"btn btn-plain\" name=\"answer\" value=\"no\">\(t("answer.cancel"))</button>"
    return Form(
        to: "/answer/\(link)", formKey: frame.formKey, style: "card stack",
        "<p class=\"cluster\">\(visit.state == .open ? come : nil)\(cancel)</p>"
    ).html
}

/// A link that is none of ours, or was copied in part.
func unknownAnswerPage(in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("answer.unknown"), """
        <div class="wrap-narrow stack"><h1>\(t("answer.unknown"))</h1><p class="lead">\(t("answer.unknown-help"))</p>\
        <p>\(callUs(frame))</p><p>\(Action(t("answer.portal"), to: "/visits", .plain))</p></div>
        """)
}

