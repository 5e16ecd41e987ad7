import Contracts
import Web

/// What a patient says before they wait.
struct LobbyForm: Sendable {
    let consents: Bool
    let place: String
    /// Nil where none of the list was chosen.
    let region: Region?

    init(_ form: FormData) {
        (consents, place, region) = (form["consent"] == "yes", form.trimmed("place"), Region(form.trimmed("region")))
    }
}

struct PatientCallView: Sendable {
    var call: CallView
    /// Why they do not wait yet.
    var problem: CallRefusal?
    /// What was typed where something was missing; nil where nothing was sent.
    var typed: LobbyForm?
    var clinician: HTML
    /// What they write beside it, once they were let in.
    var chat: CallChat?
    var names: ClinicNames
    var now: Moment
}

/// `GET /visits/{id}/call`: waiting, being seen, or what became of it.
func patientCallPage(_ view: PatientCallView, in frame: Frame) -> HTML {
    let (t, call) = (frame.t, view.call)
    let title = t("video.title", ["name": view.clinician])
    let path = "/visits/\(call.appointment)"
    let inside: HTML =
        switch call.state {
        case .scheduled where call.asOf < call.opens.instant:
            Note(.plain, icon: .clock, "<p>\(t("video.opens", ["time": fullTime(call.opens, t)]))</p><p>\(test(path, t))</p>").html
        case .scheduled: lobby(view, path, frame)
        case .waiting, .admitted, .live, .reconnecting:
            """
            \(when: call.state == .waiting && call.isLate, keptWaiting(view, path, frame))\
            \(CallStage(.patient(call), ticket: "\(path)/call/ticket", patient: t("stage.you"), clinician: view.clinician, in: frame))\
            \(view.chat?.part(at: "\(path)/call", after: "/messages/\(call.appointment)", isPatient: true, view.names, now: view.now, in: frame))\
            \(GuestList(call, at: "\(path)/call", letsIn: false, in: frame))
            """
        case .ended:
            Note(.ok, announcement: .status, """
                <p>\(t("video.ended"))</p>\
                \(when: view.chat?.isThere == true, "<p>\(Action(t("chat.after"), to: "/messages/\(call.appointment)", .plain))</p>")
                """).html
        case .cancelled: Note(.warn, announcement: .status, "<p>\(t("video.cancelled"))</p>").html
        case .missedClinician where call.lateChoice != nil: missed(t("video.gave-up"), t)
        case .missedPatient: missed(t("video.missed"), t)
        case .missedClinician: missed(t("video.missed-by-clinic"), t)
        }
    let isShown = [.waiting, .admitted, .live, .reconnecting].contains(call.state)
    return frame.page(title: title, hasErrors: view.problem != nil || view.typed != nil, script: isShown ? .call : nil, """
        <div class="stack-l form-page"><div class="stack-s"><p><a class="crumb" href="\(path)">\(t("video.back"))</a></p><h1>\(title)</h1>\
        <p class="lead">\(fullTime(call.start, t))</p></div>\(inside)</div>
        """)
}

private func missed(_ words: HTML, _ t: Wording) -> HTML {
    Note(.warn, announcement: .status, "<p>\(words)</p><p>\(Action(t("cancel.book-other"), to: "/visits/book"))</p>").html
}

/// More than ten minutes: they go on waiting, or do not.
private func keptWaiting(_ view: PatientCallView, _ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    func button(_ choice: LateChoice, _ words: HTML) -> HTML {
        Form(to: "\(path)/call/late", formKey: frame.formKey, style: "", """
            <input type="hidden" name="choice" value="\(choice.rawValue)"><button class="btn btn-plain">\(words)</button>
            """).html
    }
    return """
        <section class="card stack-s" data-kept-waiting aria-labelledby="late">\
        <h2 id="late">\(t("video.late", ["name": view.clinician]))</h2><p>\(t("video.late-help"))</p>\
        <div class="cluster">\(button(.rebook, t("video.rebook")))\(button(.phone, t("video.phone")))</div></section>
        """
}

/// Before the visit: what is agreed to, and where they are, so that help can come there.
private func lobby(_ view: PatientCallView, _ path: String, _ frame: Frame) -> HTML {
    let t = frame.t
    var errors: [FieldError] =
        switch view.problem {
        case .noConsent?: [FieldError("consent", t("video.no-consent"))]
        case .noPlace?: [FieldError("place", t("video.no-place"))]
        default: []
        }
    if let typed = view.typed, typed.region == nil { errors.append(FieldError("region", t("video.no-region"))) }
    let place = Field("place", t("video.place"), hint: t("video.place-hint"), value: view.typed?.place ?? "", autocomplete: "street-address")
    var regions: [(value: String, label: HTML)] = Region.all.map { ($0.code, HTML(text: $0.name)) }
    regions.insert(("", t("video.choose-region")), at: 0)
    regions.append((Region.elsewhere.code, t("video.abroad")))
    let region = Select(
        "region", t("video.region"), regions, chosen: view.typed?.region?.code ?? "", areNames: true, but: ["", Region.elsewhere.code])
    let consent = Choice(
        .checkbox, name: "consent", value: "yes", t("video.consent"), detail: t("video.consent-help"), isChecked: view.typed?.consents ?? false)
    return Form(to: "\(path)/call", formKey: frame.formKey, style: "card stack", """
        \(when: !errors.isEmpty, ErrorSummary(errors, t).html)\
        \(when: view.call.isLate, Note(.warn, "<p>\(t("video.you-are-late", ["time": fullTime(view.call.end, t)]))</p>").html)\
        <h2>\(t("video.before"))</h2>\(place.marked(errors, t))\(region.marked(errors, t))<div id="consent">\(consent)</div>\
        <p class="cluster"><button class="btn btn-large">\(t("video.wait"))</button>\(test(path, t))</p>
        """).html
}

private func test(_ path: String, _ t: Wording) -> Action { Action(t("device.open"), to: "\(path)/call/test", .plain) }

struct PatientGuestsView: Sendable {
    var call: CallView
    /// One that was made just now.
    var link: (url: String, name: String)?
    var refusal: GuestRefusal?
}

/// `GET /visits/{id}/call/guests`: who was asked in, and asking somebody in.
func patientGuestsPage(_ view: PatientGuestsView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/visits/\(view.call.appointment)/call"
    return frame.page(title: t("guests.page"), hasErrors: view.refusal != nil, """
        <div class="stack-l form-page"><div class="stack-s"><p><a class="crumb" href="\(path)">\(t("guests.back"))</a></p>\
        <h1>\(t("guests.page"))</h1><p class="lead">\(t("guests.lead"))</p></div>\
        \(when: !view.call.state.isOver, GuestForm(to: path, link: view.link, refusal: view.refusal, in: frame).html)\
        \(GuestList(view.call, at: path, letsIn: false, asks: false, in: frame))</div>
        """)
}
