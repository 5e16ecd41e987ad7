import Contracts
import Web

/// `GET /settings/templates`: what notes may begin with.
func noteTemplatesPage(_ found: NoteTemplates, wasKept: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: found.templates, { line in
            let reason: HTML = line.reason.isEmpty ? t("templates.any-reason") : "<span translate=\"no\">\(line.reason)</span>"
            return """
                <li><p class="cluster"><a class="target" href="/settings/templates/\(line.template)" translate="no">\(line.title)</a>\
                \(when: line.retired, Tag(.plain, t("templates.retired")).html)</p><p class="plain">\(reason)</p></li>
                """
        })</ul>
        """
    return frame.page(
        title: t("templates.title"),
        """
        <div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("templates.title")) \(ShownOf(found.templates.count, of: found.templates.count, t))</h1>\
        \(when: wasKept, Note(.ok, announcement: .status, "<p>\(t("templates.kept"))</p>").html)\
        <p><a class="btn" href="/settings/templates/new">\(t("templates.new"))</a></p>\
        \(found.templates.isEmpty ? Empty(t("templates.none"), t("templates.none-help")).html : lines)</div>
        """)
}

struct NoteTemplatePageView: Sendable {
    /// Nil for one that is not written yet.
    var template: ID<NoteTemplate>?
    var version = 0
    /// As it is, or as it was typed.
    var content = NoteTemplateContent(title: "", text: NoteText())
    var history: NoteTemplateHistory?
    var people: [ID<Account>: String] = [:]
    var refusal: NoteTemplateRefusal?
    var now: Moment
}

/// `GET /settings/templates/new`, `GET /settings/templates/{template}`: what it says, and what it said before.
func noteTemplatePage(_ view: NoteTemplatePageView, in frame: Frame) -> HTML {
    let t = frame.t
    let title: HTML = view.template == nil ? t("templates.new") : t("templates.one")
    let errors = fieldErrors(view.refusal, t)
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        } else { errors.isEmpty ? nil : ErrorSummary(errors, t).html }
    let content = view.content
    var name = Field(
        "title", t("templates.name"), hint: t("templates.name-hint"), value: content.title, autocomplete: "off", width: .middle, maximumLength: 80)
    name.isFirst = view.template == nil && summary == nil
    let reason = Field(
        "reason", t("encounter.reason"), hint: t("templates.reason-hint"), value: content.reason, autocomplete: "off", maximumLength: 200)
    let retired = Choice(
        .checkbox, name: "retired", value: "yes", t("templates.retire"), detail: t("templates.retire-help"), isChecked: content.retired)
    let fields: HTML = """
        \(each: content.text.labelled(t), {
            Field($0.name, $0.label, .lines, value: $0.text, autocomplete: "off", maximumLength: 3_000).marked(errors, t).html
        })
        """
    let path = view.template.map { "/settings/templates/\($0)" } ?? "/settings/templates"
    let form = Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(name.marked(errors, t))\(reason.marked(errors, t))\(fields)\
        \(when: view.template != nil, "\(retired)<input type=\"hidden\" name=\"version\" value=\"\(view.version)\">")\
        <p><button class="btn">\(t("templates.save"))</button></p>
        """)
    return frame.page(
        title: title, hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/templates">\(t("templates.title"))</a></p>\
        <h1>\(title)</h1>\(summary)\(form)</div>\(view.history.map { history($0, view, path, t) })</div>
        """)
}

private func fieldErrors(_ refusal: NoteTemplateRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case nil, .changedMeanwhile?, .notFound?: []
    case .titleTaken?: [FieldError("title", t("templates.title-taken"))]
    case .tooMany?: [FieldError("title", t("templates.too-many"))]
    case .invalid(let problems)?:
        problems.map {
            FieldError($0.field, $0 == EntryProblem("history", .missing) ? t("templates.nothing-written") : $0.fault.words(t))
        }
    }
}

private func history(_ history: NoteTemplateHistory, _ view: NoteTemplatePageView, _ path: String, _ t: Wording) -> HTML {
    let (before, after) = (history.before, history.after)
    func state(_ content: NoteTemplateContent?) -> String {
        content.map { ($0.retired ? t("templates.retired") : t("templates.in-use")).plainText } ?? ""
    }
    let texts = zip((before?.text ?? NoteText()).labelled(t), after.text.labelled(t)).map {
        SettingHistory.Difference(field: $1.label, before: $0.text, after: $1.text)
    }
    let fields: [SettingHistory.Difference] = [
        .init(field: t("templates.name"), before: before?.title ?? "", after: after.title),
        .init(field: t("encounter.reason"), before: before?.reason ?? "", after: after.reason),
    ]
    let states = [SettingHistory.Difference(field: t("templates.state"), before: state(before), after: state(after))]
    return SettingHistory(
        history.changes, of: history.total, shown: history.shown, fields + texts + states, people: view.people, path: path, now: view.now, t
    ).html
}
