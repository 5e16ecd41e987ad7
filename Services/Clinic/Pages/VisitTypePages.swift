import Contracts
import Web

/// `GET /settings/visit-types`: what can be booked.
func visitTypesPage(_ found: VisitTypes, wasKept: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: found.types, { line in
            let name = line.type.name[t.language.tag] ?? line.type.name["en"] ?? line.type.code
            return """
                <li><p><a class="target" href="/settings/visit-types/\(line.type.code)" translate="no">\(name)</a></p>\
                <p class="plain">\(t("visit-types.length", ["minutes": line.type.minutes]))</p></li>
                """
        })</ul>
        """
    return frame.page(
        title: t("visit-types.title"),
        """
        <div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("visit-types.title")) \(ShownOf(found.types.count, of: found.types.count, t))</h1>\
        \(when: wasKept, Note(.ok, announcement: .status, "<p>\(t("visit-types.kept"))</p>").html)\
        <p><a class="btn" href="/settings/visit-types/new">\(t("visit-types.new"))</a></p>\
        \(found.types.isEmpty ? Empty(t("visit-types.none"), t("visit-types.none-help")).html : lines)</div>
        """)
}

/// What was typed for a kind of visit.
struct VisitTypeForm: Sendable {
    var english = ""
    var spanish = ""
    var minutes = ""

    init() {}

    init(_ type: VisitService) { (english, spanish, minutes) = (type.name["en"] ?? "", type.name["es"] ?? "", "\(type.minutes)") }

    init(_ form: FormData) { (english, spanish, minutes) = (form.trimmed("en"), form.trimmed("es"), form.trimmed("minutes")) }

    /// - Parameter code: nil for a new one, whose code is made of its English name and stays.
    func type(code: String?) -> VisitService {
        let words = english.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
        return VisitService(code: code ?? String(words.prefix(60)), name: ["en": english, "es": spanish], minutes: Int(minutes) ?? 0)
    }
}

struct VisitTypeView: Sendable {
    /// Nil for one that is not there yet.
    var code: String?
    var version = 0
    var form = VisitTypeForm()
    var history: VisitTypeHistory?
    var people: [ID<Account>: String] = [:]
    var refusal: VisitTypeRefusal?
    var now: Moment
}

/// `GET /settings/visit-types/new`, `GET /settings/visit-types/{code}`: how it is called, how long it takes, and what it was before.
func visitTypePage(_ view: VisitTypeView, in frame: Frame) -> HTML {
    let t = frame.t
    let title: HTML = view.code == nil ? t("visit-types.new") : t("visit-types.one")
    let errors = fieldErrors(view.refusal, t)
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        } else { errors.isEmpty ? nil : ErrorSummary(errors, t).html }
    let english = Field("en", t("visit-types.english"), value: view.form.english, autocomplete: "off", width: .middle, maximumLength: 100)
    let spanish = Field("es", t("visit-types.spanish"), value: view.form.spanish, autocomplete: "off", width: .middle, maximumLength: 100)
    let minutes = Field(
        "minutes", t("visit-types.minutes"), hint: t("visit-types.minutes-hint"), value: view.form.minutes, autocomplete: "off", width: .short,
        maximumLength: 3)
    let path = view.code.map { "/settings/visit-types/\($0)" } ?? "/settings/visit-types"
    let form = Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(english.marked(errors, t))\(spanish.marked(errors, t))\(minutes.marked(errors, t))\
        \(when: view.code != nil, "<input type=\"hidden\" name=\"version\" value=\"\(view.version)\">")\
        <p><button class="btn">\(t("visit-types.save"))</button></p>
        """)
    return frame.page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/visit-types">\(t("visit-types.title"))</a></p>\
        <h1>\(title)</h1>\(summary)\(form)</div>\(view.history.map { history($0, view, path, t) })</div>
        """)
}

private func fieldErrors(_ refusal: VisitTypeRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil, .changedMeanwhile?, .notFound?: []
    case .codeTaken?: [FieldError("en", t("visit-types.taken"))]
    case .tooMany?: [FieldError("en", t("visit-types.too-many"))]
    case .invalid(let problems)?:
        problems.map { problem in
            switch problem.field {
            case "minutes": FieldError("minutes", t("visit-types.minutes-wrong"))
            // A name of which no letter can be in an address.
            case "code": FieldError("en", t("visit-types.no-code"))
            default: FieldError(problem.field, problem.fault.words(t))
            }
        }
    }
}

private func history(_ history: VisitTypeHistory, _ view: VisitTypeView, _ path: String, _ t: Wording) -> HTML {
    let (before, after) = (history.before.map { VisitTypeForm($0) } ?? VisitTypeForm(), VisitTypeForm(history.after))
    let fields: [SettingHistory.Difference] = [
        .init(field: t("visit-types.english"), before: before.english, after: after.english),
        .init(field: t("visit-types.spanish"), before: before.spanish, after: after.spanish),
        .init(field: t("visit-types.minutes"), before: before.minutes, after: after.minutes),
    ]
    return SettingHistory(
        history.changes, of: history.total, shown: history.shown, fields, people: view.people, path: path, now: view.now, t
    ).html
}
