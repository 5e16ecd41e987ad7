import Contracts

/// What was just done on the page of one's own account.
enum SecurityNotice: String, Sendable {
    case password, removed, ended, forgotten
    case passkeyAdded = "passkey-added", passkeyRemoved = "passkey-removed", passkeyNotAdded = "passkey-not-added"

    /// What was asked for was not done.
    var isProblem: Bool { self == .passkeyNotAdded }
}

/// `GET /security`: how one signs in, and where one is signed in.
func securityPage(_ view: SecurityView, account: String, zone: Zone, notice: SecurityNotice?, in frame: Frame) -> HTML {
    let t = frame.t
    let said = notice.map { notice in
        switch notice {
        case .password: t("security.password-changed")
        case .removed: t("security.factor-removed")
        case .ended: t("security.sessions-ended")
        case .forgotten: t("security.devices-forgotten")
        case .passkeyAdded: t("passkey.was-added")
        case .passkeyRemoved: t("passkey.was-removed")
        case .passkeyNotAdded: t("passkey.not-added")
        }
    }
    return frame.page(
        title: t("security.title"), script: .passkey,
        """
        <div class="wrap-narrow stack-l"><h1>\(t("security.title"))</h1>\
        \(said.map { Note(notice?.isProblem == true ? .warn : .ok, announcement: .status, "<p>\($0)</p>") })\
        <section class="card stack" aria-labelledby="password"><h2 id="password">\(t("security.password"))</h2>\
        <p>\(t("security.name", ["name": "<strong translate=\"no\">\(view.username)</strong>" as HTML]))</p>\
        <p>\(Action(t("security.change-password"), to: "/security/password", .plain))</p></section>\
        \(factor(view, zone, frame))\(passkeys(view, account: account, zone: zone, frame))\
        \(devices(view, zone, frame))\(sessions(view, zone, frame))</div>
        """)
}

private func factor(_ view: SecurityView, _ zone: Zone, _ frame: Frame) -> HTML {
    let t = frame.t
    guard let since = view.secondFactorSince else {
        return """
            <section class="card stack" aria-labelledby="factor"><h2 id="factor">\(t("security.factor"))</h2><p>\(t("security.factor-off"))</p>\
            <p>\(Action(t("security.factor-turn-on"), to: "/security/second-factor", .plain))</p></section>
            """
    }
    let remove = Form(
        to: "/security/second-factor/remove", formKey: frame.formKey, style: "",
        """
        <button class="btn btn-plain">\(t("security.factor-turn-off"))</button>
        """)
    return """
        <section class="card stack" aria-labelledby="factor"><h2 id="factor">\(t("security.factor"))</h2>\
        <p>\(t("security.factor-on", ["date": t.date(Moment(since, in: zone).day, .long)]))</p>\
        <p>\(t("security.recovery-left", count: view.recoveryCodesLeft))</p><div class="cluster">\
        \(Form(to: "/security/recovery-codes", formKey: frame.formKey, style: "", """
            <button class="btn btn-plain">\(t("security.recovery-renew"))</button>
            """))\(when: !view.secondFactorIsRequired, remove.html)</div></section>
        """
}

/// Where no code is asked for; nothing when that is nowhere.
private func devices(_ view: SecurityView, _ zone: Zone, _ frame: Frame) -> HTML? {
    let t = frame.t
    guard let devices = view.devices, !devices.isEmpty else { return nil }
    let rows: HTML = """
        \(each: devices, { line in
            """
            <li class="stack-s"><p class="strong">\(t("security.last-used", ["time": t.dateAndTime(Moment(line.lastUsed, in: zone), .full)]))</p>\
            <p class="plain">\(t("security.device-until", ["date": t.date(Moment(line.until, in: zone).day, .long)]))</p>\
            \(Form(to: "/security/devices", formKey: frame.formKey, style: "", """
                <input type="hidden" name="device" value="\(line.device)"><button class="btn btn-plain">\(t("security.forget"))</button>
                """))</li>
            """
        })
        """
    let all = Form(
        to: "/security/devices", formKey: frame.formKey, style: "",
        """
        <button class="btn btn-plain">\(t("security.forget-all"))</button>
        """)
    return """
        <section class="card stack" aria-labelledby="devices"><h2 id="devices">\(t("security.devices")) \
        \(ShownOf(devices.count, of: devices.count, t))</h2><p>\(t("security.devices-help"))</p><ul class="rows">\(rows)</ul>\
        \(when: devices.count > 1, all.html)</section>
        """
}

private func sessions(_ view: SecurityView, _ zone: Zone, _ frame: Frame) -> HTML {
    let t = frame.t
    let all = Form(
        to: "/security/sessions", formKey: frame.formKey, style: "",
        """
        <button class="btn btn-plain">\(t("security.end-others"))</button>
        """)
    let rows: HTML = """
        \(each: view.sessions, { line in
            """
            <li class="stack-s"><p class="strong">\(t("security.last-used", ["time": t.dateAndTime(Moment(line.lastUsed, in: zone), .full)]))</p>\
            <p class="plain">\(t("security.begun", ["time": t.dateAndTime(Moment(line.begun, in: zone), .full)]))</p>\
            \(line.isThis ? "<p class=\"plain\">\(t("security.this-session"))</p>" : end(line, frame))</li>
            """
        })
        """
    return """
        <section class="card stack" aria-labelledby="sessions"><h2 id="sessions">\(t("security.sessions")) \
        \(ShownOf(view.sessions.count, of: view.sessions.count, t))</h2><p>\(t("security.sessions-help"))</p><ul class="rows">\(rows)</ul>\
        \(when: view.sessions.count > 1, all.html)</section>
        """
}

private func end(_ line: SessionLine, _ frame: Frame) -> HTML {
    Form(
        to: "/security/sessions", formKey: frame.formKey, style: "",
        """
        <input type="hidden" name="session" value="\(line.session)"><button class="btn btn-plain">\(frame.t("security.end"))</button>
        """
    ).html
}
