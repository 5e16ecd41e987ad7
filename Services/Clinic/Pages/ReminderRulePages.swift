import Contracts
import Web

/// `GET /settings/reminders`: when patients are reminded, by kind of visit.
func reminderRulesPage(_ types: VisitTypes, _ rules: AllReminderRules, wasKept: Bool, in frame: Frame) -> HTML {
    let t = frame.t
    let lines: HTML = """
        <ul class="rows panel">\(each: types.types, { line in
            let set = rules.rules(of: line.type.code)
            return """
                <li><p><a class="target" href="/settings/reminders/\(line.type.code)" translate="no">\(line.type.named(in: t))</a></p>\
                <p class="plain">\(words(set.rules, t))\(when: set.version == 0, " (\(t("reminders.usual")))")</p></li>
                """
        })</ul>
        """
    return frame.page(
        title: t("reminders.title"),
        """
        <div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("reminders.title")) \(ShownOf(types.types.count, of: types.types.count, t))</h1>\
        <p class="plain">\(t("reminders.help"))</p>\
        \(when: wasKept, Note(.ok, announcement: .status, "<p>\(t("reminders.kept"))</p>").html)\
        \(types.types.isEmpty ? Empty(t("visit-types.none"), t("visit-types.none-help")).html : lines)</div>
        """)
}

struct ReminderRuleView: Sendable {
    var type: VisitService
    var rules: ReminderRules
    /// Nil where nobody has set them yet.
    var history: ReminderRuleHistory?
    var people: [ID<Account>: String]
    var isChangedMeanwhile = false
    var now: Moment
}

/// `GET /settings/reminders/{code}`: the rules of one kind of visit, and what they were before.
func reminderRulePage(_ view: ReminderRuleView, in frame: Frame) -> HTML {
    let t = frame.t
    let path = "/settings/reminders/\(view.type.code)"
    let summary =
        view.isChangedMeanwhile ? ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")) : nil
    let form = Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        <fieldset class="stack-s"><legend>\(t("reminders.when"))</legend>\(each: ["week-before", "day-before", "two-hours-before"], { rule in
            Choice(.checkbox, name: "rule", value: rule, word(rule, t), isChecked: view.rules.rules.contains(rule)).html
        })</fieldset><p class="plain">\(t("reminders.next"))</p>\
        <input type="hidden" name="version" value="\(view.rules.version)"><p><button class="btn">\(t("reminders.save"))</button></p>
        """)
    return frame.page(
        title: t("reminders.title"), hasErrors: view.isChangedMeanwhile,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/settings/reminders">\(t("reminders.title"))</a></p>\
        <h1 translate="no">\(view.type.named(in: t))</h1>\(summary)\(form)</div>\
        \(view.history.map { history($0, view, path, t) })</div>
        """)
}

extension VisitService {
    fileprivate func named(in t: Wording) -> String { name[t.language.tag] ?? name["en"] ?? code }
}

private func word(_ rule: String, _ t: Wording) -> HTML {
    switch rule {
    case "week-before": t("reminders.week-before")
    case "day-before": t("reminders.day-before")
    default: t("reminders.two-hours-before")
    }
}

private func words(_ rules: [String], _ t: Wording) -> HTML {
    guard let first = rules.first else { return t("reminders.none") }
    return rules.dropFirst().reduce(word(first, t)) { "\($0) · \(word($1, t))" }
}

private func history(_ history: ReminderRuleHistory, _ view: ReminderRuleView, _ path: String, _ t: Wording) -> HTML {
    SettingHistory(
        history.changes, of: history.total, shown: history.shown,
        [.init(field: t("reminders.when"), before: history.before.joined(separator: ", "), after: history.after.joined(separator: ", "))],
        people: view.people, path: path, now: view.now, t
    ).html
}
