import Foundation

/// What went wrong with a code of a second factor.
enum CodeProblem: Sendable {
    case notGood
    case throttled(until: Date)

    func fieldError(_ t: Wording) -> FieldError {
        switch self {
        case .notGood: FieldError("code", t("code.not-good"))
        case .throttled(let until): FieldError("code", t("code.throttled", count: wholeMinutes(until)))
        }
    }
}

/// `GET /sign-in/code`, `POST /sign-in/code`: the second half of signing in.
func codePage(username: String, destination: LocalPath?, problem: CodeProblem?, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = problem.map { [$0.fieldError(t)] } ?? []
    let field = Field("code", t("code.code"), hint: t("code.hint"), autocomplete: "one-time-code", width: .short, maximumLength: 40)
    let name: HTML = "<span translate=\"no\">\(username)</span>"
    let form = Form(
        to: "/sign-in/code", formKey: frame.formKey, style: "card stack",
        """
        \(field.marked(errors, t))\
        \(Choice(.checkbox, name: "remember", value: "1", t("code.remember"), detail: t("code.remember-help")))\
        \(LocalPath.field(destination))<button class="btn btn-large">\(t("code.button"))</button>
        """)
    return frame.page(
        title: t("code.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h1>\(t("code.title"))</h1><p class="lead">\(t("code.lead", ["name": name]))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)\
        <div class="card card-sunk stack-s"><h2>\(t("code.lost"))</h2><p class="small">\(t("code.lost-help"))</p></div>\
        \(when: frame.site.isDemo, demoHint(t))\
        <p class="plain"><a href="/sign-in">\(t("code.other"))</a></p></div>
        """)
}

/// In a demo nobody has the phone that makes the codes.
private func demoHint(_ t: Wording) -> HTML {
    Note(.plain, "<p>\(t("code.demo"))</p><p translate=\"no\"><code>deploy/chartline demo code</code></p>").html
}
