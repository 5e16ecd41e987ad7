import Web

/// What the activation page shows again: everything but the passwords.
struct ActivateView: Sendable {
    var code = ""
    var birthDate = ""
    var username = ""
    var problems: [Problem] = []

    enum Problem: Sendable {
        /// Wrong, used or expired code, or wrong birth date: one text.
        case codeNotGood
        case codeMissing
        case birthDateUnreadable
        case usernameNotAnAddress
        case usernameTaken
        case passwordTooShort(minimum: Int)
        case passwordTooCommon
        case passwordsDiffer
        case throttled(minutes: Int)
    }
}

/// `GET /activate`, `POST /activate`: opens an account with the code from the clinic.
func activatePage(_ view: ActivateView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.problems.map { $0.fieldError(t) }
    let fields = [
        Field("code", t("activate.code"), hint: t("activate.code-hint"), value: view.code, autocomplete: "one-time-code", width: .short,
            maximumLength: 40),
        Field("birth-date", t("activate.birth-date"), hint: t("activate.birth-date-hint"), value: view.birthDate, autocomplete: "bday",
            width: .short, maximumLength: 40),
        Field("username", t("activate.username"), .email, hint: t("activate.username-hint"), value: view.username, autocomplete: "username"),
        Field("password", t("activate.password"), .password, hint: t("activate.password-hint"), autocomplete: "new-password"),
        Field("password-again", t("activate.password-again"), .password, autocomplete: "new-password"),
    ]
    let form = Form(to: "/activate", formKey: frame.formKey, style: "card stack", """
        \(each: fields, { "\($0.marked(errors, t))" })<button class="btn btn-large">\(t("activate.button"))</button>
        """)
    return frame.page(title: t("activate.title"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><h1>\(t("activate.title"))</h1><p class="lead">\(t("activate.lead"))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)\
        <p class="plain">\(t("activate.have-account")) <a href="/sign-in">\(t("sign-in.title"))</a></p></div>
        """)
}

extension ActivateView.Problem {
    func fieldError(_ t: Wording) -> FieldError {
        switch self {
        case .codeNotGood: FieldError("code", t("activate.code-not-good"))
        case .codeMissing: FieldError("code", t("activate.code-missing"))
        case .birthDateUnreadable: FieldError("birth-date", t("activate.birth-date-unreadable"))
        case .usernameNotAnAddress: FieldError("username", t("activate.username-not-an-address"))
        case .usernameTaken: FieldError("username", t("activate.username-taken"))
        case .passwordTooShort(let minimum): FieldError("password", t("activate.password-too-short", ["minimum": minimum]))
        case .passwordTooCommon: FieldError("password", t("activate.password-too-common"))
        case .passwordsDiffer: FieldError("password-again", t("activate.passwords-differ"))
        case .throttled(let minutes): FieldError("code", t("activate.throttled", count: minutes))
        }
    }
}
