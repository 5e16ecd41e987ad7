import Web

struct RegisterView: Sendable {
    var given = ""
    var family = ""
    var birthDate = ""
    var email = ""
    var phone = ""
    /// Comes from asking; said in the same words whoever asked.
    var isSent = false
    var problems: [Problem] = []

    enum Problem: Sendable {
        case givenMissing
        case familyMissing
        case birthDateUnreadable
        case notAnAddress
        case throttled(minutes: Int)
    }
}

/// `GET /register`, `POST /register`: asks for an account. What is said of it is the same for everybody; the password is chosen later, with the code.
func registerPage(_ view: RegisterView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.problems.map { $0.fieldError(t) }
    let fields = [
        Field("given", t("register.given"), hint: t("register.given-hint"), value: view.given, autocomplete: "given-name", maximumLength: 100),
        Field("family", t("register.family"), value: view.family, autocomplete: "family-name", maximumLength: 100),
        Field("birth-date", t("activate.birth-date"), hint: t("activate.birth-date-hint"), value: view.birthDate, autocomplete: "bday",
            width: .short, maximumLength: 40),
        Field("email", t("register.email"), .email, hint: t("register.email-hint"), value: view.email, autocomplete: "email", maximumLength: 254),
        Field("phone", t("register.phone"), value: view.phone, autocomplete: "tel", width: .middle, maximumLength: 40),
    ]
    let form = Form(to: "/register", formKey: frame.formKey, style: "card stack", """
        \(each: fields, { "\($0.marked(errors, t))" })<button class="btn btn-large">\(t("register.button"))</button>
        """)
    return frame.page(title: t("register.title"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><h1>\(t("register.title"))</h1><p class="lead">\(t("register.lead"))</p>\
        \(when: view.isSent, Note(.ok, announcement: .status, "<p class=\"strong\">\(t("register.sent"))</p><p>\(t("register.sent-help"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(when: !view.isSent, form.html)\
        <p class="plain">\(t("activate.have-account")) <a class="target" href="/sign-in">\(t("sign-in.title"))</a></p></div>
        """)
}

extension RegisterView.Problem {
    func fieldError(_ t: Wording) -> FieldError {
        switch self {
        case .givenMissing: FieldError("given", t("register.given-missing"))
        case .familyMissing: FieldError("family", t("register.family-missing"))
        case .birthDateUnreadable: FieldError("birth-date", t("activate.birth-date-unreadable"))
        case .notAnAddress: FieldError("email", t("activate.username-not-an-address"))
        case .throttled(let minutes): FieldError("email", t("register.throttled", count: minutes))
        }
    }
}
