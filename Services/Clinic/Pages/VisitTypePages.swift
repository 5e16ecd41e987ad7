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
    var mode = SelfScheduling.direct.rawValue
    /// By the member of `VisitRules` each fills.
    var numbers: [String: String] = [:]
    var onlyOne = false
    /// Sorts of rooms and devices, with commas between them.
    var needs = ""

    /// In the list of modes: patients see it, and ask for it.
    static let byRequest = "request"
    /// And: they book it with an order.
    static let byOrder = "order"
    static let modes = SelfScheduling.allCases.map(\.rawValue) + [byRequest, byOrder]

    static let numbered = ["minutesBefore", "minutesAfter", "capacity", "noticeMinutes", "horizonDays", "cutOffMinutes"]

    init() { numbers = Self.numbers(VisitRules()) }

    init(_ type: VisitService) {
        (english, spanish, minutes) = (type.name["en"] ?? "", type.name["es"] ?? "", "\(type.minutes)")
        let rules = type.rules ?? VisitRules()
        (mode, numbers, onlyOne) = (
            rules.isByRequest ? Self.byRequest : rules.isByOrder ? Self.byOrder : rules.mode.rawValue, Self.numbers(rules), rules.onlyOne
        )
        needs = (rules.needs ?? []).joined(separator: ", ")
    }

    init(_ form: FormData) {
        (english, spanish, minutes) = (form.trimmed("en"), form.trimmed("es"), form.trimmed("minutes"))
        (mode, onlyOne, needs) = (form.trimmed("mode"), form["onlyOne"] != nil, form.trimmed("needs"))
        numbers = Dictionary(uniqueKeysWithValues: Self.numbered.map { ($0, form.trimmed($0)) })
    }

    private static func numbers(_ rules: VisitRules) -> [String: String] {
        [
            "minutesBefore": "\(rules.minutesBefore)", "minutesAfter": "\(rules.minutesAfter)", "capacity": "\(rules.capacity)",
            "noticeMinutes": "\(rules.noticeMinutes)", "horizonDays": rules.horizonDays.map { "\($0)" } ?? "",
            "cutOffMinutes": "\(rules.cutOffMinutes)",
        ]
    }

    /// What cannot be read is a number that no rule has, so that it is refused where it stands.
    private var rules: VisitRules {
        func number(_ name: String, otherwise: Int) -> Int { numbers[name].flatMap { $0.isEmpty ? otherwise : Int($0) } ?? -1 }
        return VisitRules(
            mode: [Self.byRequest, Self.byOrder].contains(mode) ? .view : SelfScheduling(rawValue: mode) ?? .direct,
            minutesBefore: number("minutesBefore", otherwise: 0),
            minutesAfter: number("minutesAfter", otherwise: 0), capacity: number("capacity", otherwise: 1),
            noticeMinutes: number("noticeMinutes", otherwise: 0),
            horizonDays: numbers["horizonDays"]?.isEmpty ?? true ? nil : number("horizonDays", otherwise: 0),
            cutOffMinutes: number("cutOffMinutes", otherwise: 0), onlyOne: onlyOne,
            byRequest: mode == Self.byRequest ? true : nil, byOrder: mode == Self.byOrder ? true : nil, needs: sorts.isEmpty ? nil : sorts)
    }

    private var sorts: [String] { needs.split { $0 == "," || $0 == " " }.map(String.init) }

    /// - Parameter code: nil for a new one, whose code is made of its English name and stays.
    func type(code: String?) -> VisitService {
        let words = english.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
        return VisitService(code: code ?? String(words.prefix(60)), name: ["en": english, "es": spanish], minutes: Int(minutes) ?? 0, rules: rules)
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
        \(rules(view.form, errors, t))\(when: view.code != nil, "<input type=\"hidden\" name=\"version\" value=\"\(view.version)\">")\
        <p><button class="btn">\(t("visit-types.save"))</button></p>
        """)
    return frame.page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/visit-types">\(t("visit-types.title"))</a></p>\
        <h1>\(title)</h1>\(summary)\(form)</div>\(view.history.map { history($0, view, path, t) })</div>
        """)
}

/// Who books it, how far ahead, and what is kept free around it.
private func rules(_ form: VisitTypeForm, _ errors: [FieldError], _ t: Wording) -> HTML {
    let modes: [(value: String, label: HTML)] = VisitTypeForm.modes.map { (value: $0, label: modeName($0, t)) }
    let fields = VisitTypeForm.numbered.map { name in
        let words = numberWords(name, t)
        return Field(name, words.label, hint: words.hint, value: form.numbers[name] ?? "", autocomplete: "off", width: .short, maximumLength: 5)
            .marked(errors, t)
    }
    return """
        \(Select("mode", t("visit-types.mode"), modes, chosen: form.mode))\(each: fields, \.html)\
        \(Choice(.checkbox, name: "onlyOne", value: "1", t("visit-types.only-one"), detail: t("visit-types.only-one-help"),
            isChecked: form.onlyOne))\
        \(Field("needs", t("visit-types.needs"), hint: t("visit-types.needs-hint"), value: form.needs, autocomplete: "off", width: .middle,
            maximumLength: 200).marked(errors, t))
        """
}

private func modeName(_ mode: String, _ t: Wording) -> HTML {
    guard mode != VisitTypeForm.byRequest else { return t("visit-types.mode-request") }
    guard mode != VisitTypeForm.byOrder else { return t("visit-types.mode-order") }
    return switch SelfScheduling(rawValue: mode) {
    case .off: t("visit-types.mode-off")
    case .view: t("visit-types.mode-view")
    case .direct, nil: t("visit-types.mode-direct")
    }
}

private func numberWords(_ name: String, _ t: Wording) -> (label: HTML, hint: HTML) {
    switch name {
    case "minutesBefore": (t("visit-types.before"), t("visit-types.buffer-hint"))
    case "minutesAfter": (t("visit-types.after"), t("visit-types.buffer-hint"))
    case "capacity": (t("visit-types.capacity"), t("visit-types.capacity-hint"))
    case "noticeMinutes": (t("visit-types.notice"), t("visit-types.month-hint"))
    case "horizonDays": (t("visit-types.horizon"), t("visit-types.horizon-hint"))
    default: (t("visit-types.cut-off"), t("visit-types.cut-off-hint"))
    }
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
            case "needs": FieldError("needs", t("visit-types.needs-wrong"))
            case let name where VisitTypeForm.numbered.contains(name): FieldError(name, t("visit-types.number-wrong"))
            default: FieldError(problem.field, problem.fault.words(t))
            }
        }
    }
}

private func history(_ history: VisitTypeHistory, _ view: VisitTypeView, _ path: String, _ t: Wording) -> HTML {
    let (before, after) = (history.before.map { VisitTypeForm($0) } ?? VisitTypeForm(), VisitTypeForm(history.after))
    let fields: [SettingHistory.Difference] =
        [
            .init(field: t("visit-types.english"), before: before.english, after: after.english),
            .init(field: t("visit-types.spanish"), before: before.spanish, after: after.spanish),
            .init(field: t("visit-types.minutes"), before: before.minutes, after: after.minutes),
            .init(
                field: t("visit-types.mode"), before: history.before == nil ? "" : modeName(before.mode, t).plainText,
                after: modeName(after.mode, t).plainText),
            .init(
                field: t("visit-types.only-one"), before: history.before == nil ? "" : yes(before.onlyOne, t), after: yes(after.onlyOne, t)),
            .init(field: t("visit-types.needs"), before: before.needs, after: after.needs),
        ]
        + VisitTypeForm.numbered.map { name in
            .init(
                field: numberWords(name, t).label, before: history.before == nil ? "" : before.numbers[name] ?? "", after: after.numbers[name] ?? "")
        }
    return SettingHistory(
        history.changes, of: history.total, shown: history.shown, fields, people: view.people, path: path, now: view.now, t
    ).html
}

private func yes(_ value: Bool, _ t: Wording) -> String { (value ? t("visit-types.yes") : t("visit-types.no")).plainText }
