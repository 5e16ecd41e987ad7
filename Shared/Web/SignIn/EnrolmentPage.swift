import Contracts

/// Setting up a second factor: the secret as a QR code and as text, and the first code made with it.
/// - Parameters:
///   - path: where the form goes, which is also where the page is.
///   - isRequired: staff go no further without.
func enrolmentPage(_ offer: EnrolmentOffer, to path: String, isRequired: Bool, problem: CodeProblem?, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = problem.map { [$0.fieldError(t)] } ?? []
    let field = Field("code", t("enrol.code"), hint: t("enrol.code-hint"), autocomplete: "one-time-code", width: .short, maximumLength: 40)
    let form = Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        <h2>\(t("enrol.second"))</h2>\(field.marked(errors, t))<button class="btn btn-large">\(t("enrol.button"))</button>
        """)
    let key = stride(from: 0, to: offer.secret.utf8.count, by: 4).map { String(offer.secret.dropFirst($0).prefix(4)) }.joined(separator: " ")
    return frame.page(
        title: t("enrol.title"), hasErrors: !errors.isEmpty,
        """
        <div class="wrap-narrow stack"><h1>\(t("enrol.title"))</h1>\
        <p class="lead">\(isRequired ? t("enrol.required") : t("enrol.offered"))</p>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        <section class="card stack" aria-labelledby="scan"><h2 id="scan">\(t("enrol.first"))</h2><p>\(t("enrol.app"))</p>\
        \(QRCode(offer.address, label: t("enrol.qr")))\
        <p>\(t("enrol.no-camera"))</p><p class="value" translate="no">\(key)</p></section>\(form)</div>
        """)
}

/// The recovery codes, once.
/// - Parameters:
///   - isNew: the second factor has just been set up; else these stand in place of earlier ones.
///   - next: where the way goes on.
func recoveryCodesPage(_ codes: [String], isNew: Bool, next: String, in frame: Frame) -> HTML {
    let t = frame.t
    let done: HTML = "<p class=\"strong\">\(isNew ? t("recovery.done") : t("recovery.renewed"))</p>"
    return frame.page(
        title: t("recovery.title"),
        """
        <div class="wrap-narrow stack"><h1>\(t("recovery.title"))</h1>\
        <div class="no-print">\(Note(.ok, announcement: .status, done))</div>\
        <section class="card stack" aria-labelledby="codes"><h2 id="codes">\(t("recovery.codes", count: codes.count))</h2>\
        <p>\(t("recovery.help"))</p><ul class="rows" translate="no">\(each: codes, { "<li class=\"value nowrap\">\($0)</li>" })</ul></section>\
        <p class="no-print">\(Action(t("recovery.next"), to: next))</p></div>
        """)
}
