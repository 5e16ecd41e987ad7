import Contracts
import Web

struct ClinicTextsPageView: Sendable {
    var version: Int
    /// As they are, or as they were typed.
    var texts: ClinicTexts
    var known: ClinicTextsView
    var people: [ID<Account>: String]
    var refusal: ClinicTextsRefusal?
    var wasKept = false
    var now: Moment
}

/// `GET /settings/clinic`: what pages and messages say of the clinic, and what they said before.
func clinicTextsPage(_ view: ClinicTextsPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = fieldErrors(view.refusal, t)
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        } else { errors.isEmpty ? nil : ErrorSummary(errors, t).html }
    return frame.page(
        title: t("texts.title"), hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("texts.title"))</h1>\(when: view.wasKept, Note(.ok, announcement: .status, "<p>\(t("texts.kept"))</p>").html)\(summary)\
        \(form(view, errors, frame))</div>\(history(view, t))</div>
        """)
}

private func form(_ view: ClinicTextsPageView, _ errors: [FieldError], _ frame: Frame) -> HTML {
    let (t, texts) = (frame.t, view.texts)
    let name = Field("name", t("texts.name"), hint: t("texts.name-hint"), value: texts.name, autocomplete: "off", width: .middle, maximumLength: 100)
    let phone = Field(
        "phone", t("places.phone"), hint: t("texts.phone-hint"), value: texts.phone, autocomplete: "off", width: .middle, maximumLength: 40)
    let alt = Field(
        "logoAlt", t("texts.logo-alt"), hint: t("texts.logo-alt-hint"), value: texts.logoAlt, autocomplete: "off", width: .middle, maximumLength: 100)
    let words: HTML = """
        \(each: texts.labelled(t), {
            Field($0.name, $0.label, .lines, value: $0.text, autocomplete: "off", maximumLength: $0.length).marked(errors, t).html
        })
        """
    let remove = Choice(.checkbox, name: "no-logo", value: "yes", t("texts.no-logo"))
    let logo = FileChoice("logo", t("texts.logo"), hint: t("texts.logo-hint"), accepts: ["image/png", "image/jpeg"]).marked(errors, t)
    return FileForm(
        to: "/settings/clinic", formKey: frame.formKey, style: "card stack",
        """
        <input type="hidden" name="version" value="\(view.version)">\(name.marked(errors, t))\(phone.marked(errors, t))\
        <p class="plain">\(t("texts.both-languages"))</p>\(words)\(alt.marked(errors, t))\
        \(when: view.known.texts.logo != nil, remove.html)\(logo)<p><button class="btn">\(t("texts.save"))</button></p>
        """
    ).html
}

private func fieldErrors(_ refusal: ClinicTextsRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil, .changedMeanwhile?, .notFound?: []
    case .image(.tooLarge)?: [FieldError("logo", t("texts.logo-too-large"))]
    case .image(.notAnImage)?: [FieldError("logo", t("texts.logo-wrong"))]
    case .image(.notThatSize)?: [FieldError("logo", t("texts.logo-size"))]
    case .invalid(let problems)?:
        problems.map { problem in
            switch (problem.field, problem.fault) {
            case ("phone", .notPossible): FieldError("phone", t("places.phone-wrong"))
            case ("name", _): FieldError("name", problem.fault.words(t))
            case (let field, .missing): FieldError(field, t("texts.other-language"))
            case (let field, let fault): FieldError(field, fault.words(t))
            }
        }
    }
}

private func history(_ view: ClinicTextsPageView, _ t: Wording) -> HTML {
    func logo(_ texts: ClinicTexts?) -> String { (texts?.logo).map { "\($0.width) × \($0.height), \($0.digest.prefix(8))" } ?? "" }
    let (before, after) = (view.known.before, view.known.after)
    let words = zip((before ?? ClinicTexts(name: "")).labelled(t), after.labelled(t)).map {
        SettingHistory.Difference(field: $1.label, before: $0.text, after: $1.text)
    }
    let first: [SettingHistory.Difference] = [
        .init(field: t("texts.name"), before: before?.name ?? "", after: after.name),
        .init(field: t("places.phone"), before: before?.phone ?? "", after: after.phone),
    ]
    let last: [SettingHistory.Difference] = [
        .init(field: t("texts.logo-alt"), before: before?.logoAlt ?? "", after: after.logoAlt),
        .init(field: t("texts.logo"), before: logo(before), after: logo(after)),
    ]
    return SettingHistory(
        view.known.changes, of: view.known.total, shown: view.known.shown, first + words + last, people: view.people, path: "/settings/clinic",
        now: view.now, t
    ).html
}

extension ClinicTexts {
    /// What was typed.
    init(_ form: FormData, logo: ClinicLogo?) {
        func both(_ name: String) -> [String: String] {
            Dictionary(uniqueKeysWithValues: ["en", "es"].map { ($0, form.trimmed("\(name)-\($0)")) }).filter { !$0.value.isEmpty }
        }
        self.init(
            name: form.trimmed("name"), phone: form.trimmed("phone"), emergency: both("emergency"), welcome: both("welcome"),
            closing: both("closing"), logoAlt: form.trimmed("logoAlt"), logo: logo)
    }

    /// Each text in each language, with the name and label of its field and how long it may be.
    fileprivate func labelled(_ t: Wording) -> [(name: String, label: HTML, text: String, length: Int)] {
        [
            ("emergency-en", t("texts.emergency-en"), emergency["en"] ?? "", 200),
            ("emergency-es", t("texts.emergency-es"), emergency["es"] ?? "", 200),
            ("welcome-en", t("texts.welcome-en"), welcome["en"] ?? "", 500), ("welcome-es", t("texts.welcome-es"), welcome["es"] ?? "", 500),
            ("closing-en", t("texts.closing-en"), closing["en"] ?? "", 300), ("closing-es", t("texts.closing-es"), closing["es"] ?? "", 300),
        ]
    }
}
