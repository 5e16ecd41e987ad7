import Foundation

/// What is wrong with a new password.
enum NewPasswordProblem: Sendable {
    case tooShort(minimum: Int)
    case tooCommon
    case differs

    func fieldError(_ t: Wording) -> FieldError {
        switch self {
        case .tooShort(let minimum): FieldError("password", t("password.too-short", ["minimum": minimum]))
        case .tooCommon: FieldError("password", t("password.too-common"))
        case .differs: FieldError("password-again", t("password.differ"))
        }
    }
}

/// The two fields of a new password.
func newPasswordFields(_ errors: [FieldError], _ t: Wording) -> HTML {
    let fields = [
        Field("password", t("password.new"), .password, hint: t("password.hint"), autocomplete: "new-password"),
        Field("password-again", t("password.again"), .password, autocomplete: "new-password"),
    ]
    return "\(each: fields, { $0.marked(errors, t).html })"
}

/// `GET /security/password`, `POST /security/password`.
func changePasswordPage(_ problem: NewPasswordProblem?, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = problem.map { [$0.fieldError(t)] } ?? []
    let form = Form(
        to: "/security/password", formKey: frame.formKey, style: "card stack",
        """
        \(newPasswordFields(errors, t))<button class="btn btn-large">\(t("password.button"))</button>
        """)
    return frame.page(
        title: t("password.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h1>\(t("password.title"))</h1><p class="lead">\(t("password.lead"))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)\
        <p>\(Action(t("security.back"), to: "/security", .link))</p></div>
        """)
}

/// What went wrong with proving who one is.
enum ConfirmProblem: Sendable {
    case notGood
    case throttled(until: Date)
}

/// `GET /security/confirm`, `POST /security/confirm`: whoever sits here proves again who they are, before something that must not be done in a
/// session somebody left open.
func confirmPage(to path: String, asksForCode: Bool, problem: ConfirmProblem?, in frame: Frame) -> HTML {
    let t = frame.t
    let summary = problem.map { problem in
        switch problem {
        case .notGood: ErrorSummary(title: t("prove.not-good"), text: asksForCode ? t("prove.not-good-code") : t("prove.not-good-help"))
        case .throttled(let until): ErrorSummary(title: t("code.throttled", count: wholeMinutes(until)), text: t("prove.throttled-help"))
        }
    }
    let code = Field("code", t("code.code"), hint: t("code.hint"), autocomplete: "one-time-code", width: .short, maximumLength: 40)
    let form = Form(
        to: "/security/confirm", formKey: frame.formKey, style: "card stack",
        """
        \(Field("password", t("prove.password"), .password, autocomplete: "current-password"))\(when: asksForCode, code.html)\
        <input type="hidden" name="to" value="\(path)"><button class="btn btn-large">\(t("prove.button"))</button>
        """)
    return frame.page(
        title: t("prove.title"), hasErrors: problem != nil,
        """
        <div class="wrap-narrow stack"><h1>\(t("prove.title"))</h1><p class="lead">\(t("prove.lead"))</p>\(summary)\(form)\
        <p>\(Action(t("security.back"), to: "/security", .link))</p></div>
        """)
}

/// Whole minutes to wait, at least one.
func wholeMinutes(_ until: Date) -> Int { max(1, Int((until.timeIntervalSinceNow / 60).rounded(.up))) }
