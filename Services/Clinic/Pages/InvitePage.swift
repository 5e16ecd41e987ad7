import Contracts
import Web

struct InviteView: Sendable {
    var patient: PatientSummary
    var portalAddress: String
    /// Whoever sees this may start a new password.
    var mayReset = false
    var now: Moment
    /// One has been started, or could not be.
    var reset: Reset?
    /// Missing while identity does not answer.
    var earlier: Invitations?
    var outcome: Outcome = .asking

    enum Reset: Sendable { case sent, noAccount }

    enum Outcome: Sendable {
        /// Before the code is made.
        case asking
        /// The code, shown once, and until when it is good.
        case invited(code: String, until: Moment)
        case alreadyActive
        /// The record has no whole birth date, and the code is good only together with it.
        case birthDateMissing
    }
}

/// `GET /patients/{id}/invite` asks; `POST` shows the code to hand over, once.
func invitePage(_ view: InviteView, in frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patient
    let name = "\(patient.given) \(patient.family)"
    let body: HTML =
        switch view.outcome {
        case .asking: "\(resetNote(view, t))\(ask(view, name, frame))\(earlier(view, t))\(when: view.mayReset, reset(view, frame))"
        case .invited(let code, let until): slip(code, until, name, view, t)
        case .alreadyActive: refusal(t("invite.already", ["name": name]), t("invite.already-help"), view, t)
        case .birthDateMissing: refusal(t("invite.no-birth-date", ["name": name]), t("invite.no-birth-date-help"), view, t)
        }
    return frame.with(banner: patientStrip(patient, asOf: view.now, view.now, t)).page(title: t("invite.title"), """
        <div class="wrap-narrow stack"><h2>\(t("invite.title"))</h2>\(body)</div>
        """)
}

private func ask(_ view: InviteView, _ name: String, _ frame: Frame) -> HTML {
    let t = frame.t
    let patient = view.patient
    return Form(to: "/patients/\(patient.id)/invite", formKey: frame.formKey, style: "card stack", """
        <p>\(t("invite.check", ["name": "<strong>\(name)</strong>" as HTML, "born": born(patient, view.now.day, t)]))</p>\
        <p class="plain">\(t("invite.help"))</p>\
        <p class="cluster"><button class="btn">\(t("invite.button", ["name": name]))</button>\
        \(Action(t("chart.back"), to: "/patients/\(patient.id)", .link))</p>
        """).html
}

private func resetNote(_ view: InviteView, _ t: Wording) -> HTML? {
    switch view.reset {
    case .sent: Note(.ok, announcement: .status, "<p>\(t("invite.reset-sent"))</p>").html
    case .noAccount: Note(.warn, announcement: .status, "<p>\(t("invite.reset-no-account"))</p>").html
    case nil: nil
    }
}

/// For who has an account and cannot ask for a new password: the code goes to the address they sign in with.
private func reset(_ view: InviteView, _ frame: Frame) -> HTML {
    let t = frame.t
    return """
        <section class="card stack" aria-labelledby="reset"><h3 id="reset">\(t("invite.reset"))</h3>\
        <p class="plain">\(t("invite.reset-help"))</p>\
        \(Form(to: "/patients/\(view.patient.id)/reset", formKey: frame.formKey, style: "stack-s", """
            <p><button class="btn btn-plain">\(t("accounts.button"))</button></p>
            """))</section>
        """
}

/// How far the codes have come that were handed over before.
private func earlier(_ view: InviteView, _ t: Wording) -> HTML? {
    guard let lines = view.earlier?.invitations else { return nil }
    func state(_ line: InvitationLine) -> HTML {
        switch (line.state, line.reason) {
        case (.sent, _): t("invite.sent")
        case (.opened, _): t("invite.opened")
        case (.verified, _): t("invite.verified")
        case (.failed, "replaced"): t("invite.failed-replaced")
        case (.failed, "guessed"): t("invite.failed-guessed")
        case (.failed, _): t("invite.failed-expired")
        }
    }
    let rows: HTML = """
        \(each: lines, { line in
            """
            <li><p class="strong">\(state(line))</p>\
            <p class="plain">\(t("invite.issued", ["time": t.dateAndTime(Moment(line.issued, in: view.now.zone), .full)]))</p></li>
            """
        })
        """
    let list: HTML = lines.isEmpty ? "<p class=\"plain\">\(t("invite.none"))</p>" : "<ul class=\"rows\">\(rows)</ul>"
    return """
        <section class="card stack" aria-labelledby="earlier"><h3 id="earlier">\(t("invite.earlier"))</h3>\(list)</section>
        """
}

/// A slip to print and hand over: no health information on it.
private func slip(_ code: String, _ until: Moment, _ name: String, _ view: InviteView, _ t: Wording) -> HTML {
    """
    <div class="no-print">\(Note(.ok, announcement: .status, "<p class=\"strong\">\(t("invite.done"))</p><p>\(t("invite.done-help"))</p>"))</div>\
    <section class="card stack" aria-labelledby="slip"><h3 id="slip">\(t("invite.slip", ["name": name]))</h3>\
    \(Facts([
        (t("invite.address"), "<span translate=\"no\">\(view.portalAddress)/activate</span>"),
        (t("invite.code"), "<span class=\"value nowrap\" translate=\"no\">\(code)</span>"),
        (t("invite.with"), t("invite.with-birth-date")), (t("invite.until"), t.dateAndTime(until, .full)),
    ]))<p>\(t("invite.slip-help"))</p></section>\
    <p class="no-print">\(Action(t("chart.back"), to: "/patients/\(view.patient.id)", .plain))</p>
    """
}

private func refusal(_ title: HTML, _ text: HTML, _ view: InviteView, _ t: Wording) -> HTML {
    """
    \(ErrorSummary(title: title, text: text))<p>\(Action(t("chart.back"), to: "/patients/\(view.patient.id)", .plain))</p>
    """
}
