import Web

/// What the sign-in page shows again.
struct SignInView: Sendable {
    /// Why it is shown again; nil the first time.
    enum Problem: Sendable {
        /// One text for every cause.
        case failed
        /// Too many tries; the minutes to wait.
        case throttled(minutes: Int)
        /// The device's answer was not good.
        case passkey
    }

    var username = ""
    /// The page that was asked for.
    var destination: LocalPath?
    var problem: Problem?
    /// Said when the person comes from signing out, from activation, or from a session that ended.
    var notice: Notice?

    enum Notice: Sendable { case signedOut, activated, passwordReset, sessionEnded }
}

/// `GET /sign-in`, `POST /sign-in`. The name is kept, the password is not; what is wrong gets the focus and is read out.
func signInPage(_ view: SignInView, in frame: Frame) -> HTML {
    let t = frame.t
    let problem = view.problem.map { problem in
        switch problem {
        case .failed: ErrorSummary(title: t("sign-in.failed"), text: t("sign-in.failed-help"))
        case .passkey: passkeyNotTaken(t)
        case .throttled(let minutes): ErrorSummary(title: t("sign-in.throttled", count: minutes), text: t("sign-in.throttled-help"))
        }
    }
    let notice = view.notice.map { notice in
        switch notice {
        case .signedOut: t("sign-in.signed-out")
        case .activated: t("sign-in.activated")
        case .passwordReset: t("sign-in.password-reset")
        case .sessionEnded: t("sign-in.session-ended")
        }
    }
    let form = Form(to: "/sign-in", formKey: frame.formKey, style: "card stack", """
        \(Field("username", t("sign-in.username"), .email, value: view.username, autocomplete: "username"))\
        \(Field("password", t("sign-in.password"), .password, autocomplete: "current-password"))\
        \(LocalPath.field(view.destination))<button class="btn btn-large">\(t("sign-in.button"))</button>
        """)
    return frame.page(title: t("sign-in.title"), hasErrors: problem != nil, script: .passkey, """
        <div class="wrap-narrow stack"><h1>\(t("sign-in.title"))</h1>\
        \(frame.site.welcome[t.language.tag].map { "<p class=\"lead kept\">\($0)</p>" as HTML })\
        \(notice.map { Note(.ok, announcement: .status, "<p>\($0)</p>") })\(problem)\(form)\(passkeySignIn(view.destination, in: frame))\
        <div class="card card-sunk stack-s"><h2>\(t("sign-in.new"))</h2><p class="small">\(t("sign-in.new-help"))</p>\
        <p class="cluster">\(Action(t("sign-in.have-code"), to: "/activate", .plain))\
        \(Action(t("sign-in.no-code"), to: "/register", .link))</p></div>\
        <p><a class="target" href="/forgot">\(t("sign-in.forgotten"))</a></p>\
        \(frame.site.phone.map { "<p class=\"plain\">\(t("sign-in.forgot", ["phone": $0]))</p>" as HTML })</div>
        """)
}
