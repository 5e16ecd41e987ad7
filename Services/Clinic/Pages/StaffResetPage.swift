import Web

struct StaffResetView: Sendable {
    var username = ""
    /// Comes from starting one.
    var isSent = false
    var isUnknown = false
}

/// `GET /accounts`, `POST /accounts`: starts a new password for somebody who works here. The code goes to them alone.
func staffResetPage(_ view: StaffResetView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = view.isUnknown ? [FieldError("username", t("accounts.unknown"))] : []
    let field = Field("username", t("accounts.username"), .email, hint: t("accounts.hint"), value: view.username, autocomplete: "off")
    let form = Form(to: "/accounts", formKey: frame.formKey, style: "card stack", """
        \(field.marked(errors, t))<p><button class="btn">\(t("accounts.button"))</button></p>
        """)
    return frame.page(title: t("accounts.title"), hasErrors: view.isUnknown, """
        <div class="wrap-narrow stack"><h1>\(t("accounts.title"))</h1><p class="lead">\(t("accounts.lead"))</p>\
        \(when: view.isSent, Note(.ok, announcement: .status, "<p>\(t("accounts.sent"))</p>").html)\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\(form)</div>
        """)
}
