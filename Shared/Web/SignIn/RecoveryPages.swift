import Foundation

/// `GET /forgot`, `POST /forgot`: asks for a code to set a new password with.
/// - Parameter throttledUntil: too many were asked for.
func forgotPage(username: String, throttledUntil until: Date?, in frame: Frame) -> HTML {
    let t = frame.t
    let summary = until.map { ErrorSummary(title: t("forgot.throttled", count: wholeMinutes($0)), text: t("forgot.throttled-help")) }
    let form = Form(to: "/forgot", formKey: frame.formKey, style: "card stack", """
        \(Field("username", t("forgot.username"), .email, value: username, autocomplete: "username"))\
        <button class="btn btn-large">\(t("forgot.button"))</button>
        """)
    return frame.page(title: t("forgot.title"), hasErrors: until != nil, """
        <div class="wrap-narrow stack"><h1>\(t("forgot.title"))</h1><p class="lead">\(t("forgot.lead"))</p>\(summary)\(form)\
        <p class="plain"><a class="target" href="/reset">\(t("forgot.have-code"))</a></p></div>
        """)
}

/// What is wrong with setting a new password by a code.
enum ResetProblem: Sendable {
    case codeNotGood
    case throttled(until: Date)
    case password(NewPasswordProblem)

    func fieldError(_ t: Wording) -> FieldError {
        switch self {
        case .codeNotGood: FieldError("code", t("reset.code-not-good"))
        case .throttled(let until): FieldError("code", t("reset.throttled", count: wholeMinutes(until)))
        case .password(let problem): problem.fieldError(t)
        }
    }
}

/// `GET /reset`, `POST /reset`: the code from the e-mail, typed, and a new password. The code is never in an address: those are kept in logs and
/// histories.
/// - Parameter isSent: comes from asking for a code; said in the same words whether there is an account or not.
func resetPage(code: String, isSent: Bool, problem: ResetProblem?, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = problem.map { [$0.fieldError(t)] } ?? []
    let field = Field(
        "code", t("reset.code"), hint: t("reset.code-hint"), value: code, autocomplete: "one-time-code", width: .short, maximumLength: 40)
    let form = Form(to: "/reset", formKey: frame.formKey, style: "card stack", """
        \(field.marked(errors, t))\(newPasswordFields(errors, t))<button class="btn btn-large">\(t("reset.button"))</button>
        """)
    return frame.page(title: t("reset.title"), hasErrors: !errors.isEmpty, """
        <div class="wrap-narrow stack"><h1>\(t("reset.title"))</h1>\
        \(when: isSent, Note(.ok, announcement: .status, "<p>\(t("reset.sent"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)\
        <p class="plain">\(t("reset.no-code")) <a class="target" href="/forgot">\(t("reset.again"))</a></p></div>
        """)
}
