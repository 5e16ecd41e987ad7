import Web

/// What the sign-in page of the workspace shows again.
struct StaffSignInView: Sendable {
    enum Problem: Sendable {
        /// One text for every cause.
        case failed
        case throttled(minutes: Int)
        /// The device's answer was not good.
        case passkey
    }

    enum Notice: Sendable { case signedOut, activated, passwordReset, sessionEnded }

    var username = ""
    /// The page that was asked for.
    var destination: LocalPath?
    var problem: Problem?
    var notice: Notice?
}

/// `GET /sign-in`, `POST /sign-in`.
func staffSignInPage(_ view: StaffSignInView, in frame: Frame) -> HTML {
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
        \(Field("username", t("sign-in.username"), value: view.username, autocomplete: "username"))\
        \(Field("password", t("sign-in.password"), .password, autocomplete: "current-password"))\
        \(LocalPath.field(view.destination))<button class="btn btn-large">\(t("sign-in.button"))</button>
        """)
    return frame.page(title: t("sign-in.title"), hasErrors: problem != nil, script: .passkey, """
        <div class="wrap-narrow stack"><h1>\(t("sign-in.title"))</h1>\
        \(notice.map { Note(.ok, announcement: .status, "<p>\($0)</p>") })\(problem)\(form)\(passkeySignIn(view.destination, in: frame))\
        <p><a class="target" href="/forgot">\(t("sign-in.forgotten"))</a></p>\
        <p class="plain">\(t("sign-in.invited")) <a class="target" href="/activate">\(t("activate.title"))</a></p></div>
        """)
}

/// What the activation page shows again: everything but the passwords.
struct StaffActivateView: Sendable {
    var code = ""
    var username = ""
    var problems: [Problem] = []

    enum Problem: Sendable {
        case codeNotGood
        case usernameNotAnAddress
        case usernameTaken
        case passwordTooShort(minimum: Int)
        case passwordTooCommon
        case passwordsDiffer
        case throttled(minutes: Int)
    }
}

/// `GET /activate`, `POST /activate`: an invited member of staff opens an account.
func staffActivatePage(_ view: StaffActivateView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.problems.map { problem in
        switch problem {
        case .codeNotGood: FieldError("code", t("activate.code-not-good"))
        case .usernameNotAnAddress: FieldError("username", t("activate.username-not-an-address"))
        case .usernameTaken: FieldError("username", t("activate.username-taken"))
        case .passwordTooShort(let minimum): FieldError("password", t("activate.password-too-short", ["minimum": minimum]))
        case .passwordTooCommon: FieldError("password", t("activate.password-too-common"))
        case .passwordsDiffer: FieldError("password-again", t("activate.passwords-differ"))
        case .throttled(let minutes): FieldError("code", t("activate.throttled", count: minutes))
        }
    }
    let fields = [
        Field("code", t("activate.code"), hint: t("activate.code-hint"), value: view.code, autocomplete: "one-time-code", maximumLength: 40),
        Field("username", t("activate.username"), .email, value: view.username, autocomplete: "username"),
        Field("password", t("activate.password"), .password, hint: t("activate.password-hint"), autocomplete: "new-password"),
        Field("password-again", t("activate.password-again"), .password, autocomplete: "new-password"),
    ]
    let form = Form(to: "/activate", formKey: frame.formKey, style: "card stack", """
        \(each: fields, { "\($0.marked(errors, t))" })<button class="btn btn-large">\(t("activate.button"))</button>
        """)
    return frame.page(title: t("activate.title"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><h1>\(t("activate.title"))</h1>\(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)</div>
        """)
}
