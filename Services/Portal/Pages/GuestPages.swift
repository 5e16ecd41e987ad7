import Contracts
import Foundation
import Web

struct GuestInvitationView: Sendable {
    var invitation: GuestInvitation
    var link: String
    /// What the browser is known by once the link is used. It comes with the form, so that a button pressed twice lets in the same browser.
    var secret = BrowserSecret().text
    var clinician: HTML
    var now: Date
}

/// `GET /guest/{link}`: who asks whom to what. The link is used by the button.
func invitationPage(_ view: GuestInvitationView, in frame: Frame) -> HTML {
    let t = frame.t
    let isOpen = view.now >= view.invitation.opens.instant
    let form = Form(to: "/guest", formKey: frame.formKey, style: "card stack", """
        <p>\(t("guest.once"))</p><input type="hidden" name="link" value="\(view.link)">\
        <input type="hidden" name="secret" value="\(view.secret)">\
        <p><button class="btn btn-large">\(t("guest.enter"))</button></p>
        """)
    let early = Note(.plain, icon: .clock, "<p>\(t("video.opens", ["time": fullTime(view.invitation.opens, t)]))</p>")
    return frame.page(title: t("guest.title"), """
        <div class="wrap-narrow stack"><h1>\(t("guest.title"))</h1><p class="lead">\(t("guest.lead", [
            "name": "<span translate=\"no\">\(view.invitation.name)</span>" as HTML, "clinician": view.clinician,
            "time": fullTime(view.invitation.start, t),
        ]))</p>\(isOpen ? form.html : early.html)</div>
        """)
}

/// `GET /guest`: waiting, or in the visit.
func guestPage(_ call: GuestCall, clinician: HTML, in frame: Frame) -> HTML {
    let t = frame.t
    let name: HTML = "<span translate=\"no\">\(call.name)</span>"
    return frame.page(title: t("video.title", ["name": clinician]), script: .call, """
        <div class="stack-l form-page"><div class="stack-s"><h1>\(t("video.title", ["name": clinician]))</h1>\
        <p class="lead">\(t("guest.you-are", ["name": name]))</p></div>\
        \(CallStage(.guest(call), ticket: "/guest/ticket", patient: t("guest.patient"), clinician: clinician, in: frame))\
        \(Form(to: "/guest/leave", formKey: frame.formKey, style: "", "<button class=\"btn btn-danger\">\(t("guest.leave"))</button>"))</div>
        """)
}

/// `GET /guest` after they left: the way back leads through the waiting room.
func guestLeftPage(_ call: GuestCall, clinician: HTML, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("guest.left"), """
        <div class="wrap-narrow stack"><h1>\(t("guest.left"))</h1>\
        \(Note(.ok, announcement: .status, "<p>\(t("guest.left-help", ["clinician": clinician]))</p>"))\
        <p>\(Action(t("guest.back"), to: "/guest?back=1", .plain))</p></div>
        """)
}

/// A link or a browser that lets nobody in.
func guestRefusedPage(_ refusal: GuestRefusal, in frame: Frame) -> HTML {
    let t = frame.t
    let (title, help): (HTML, HTML) =
        switch refusal {
        case .used: (t("guest.used"), t("guest.used-help"))
        case .over: (t("guest.over"), t("guest.over-help"))
        default: (t("guest.unknown"), t("guest.unknown-help"))
        }
    return frame.page(title: title, """
        <div class="wrap-narrow stack"><h1>\(title)</h1>\(Note(.warn, announcement: .status, "<p>\(help)</p>"))</div>
        """)
}
