import Contracts
import Web

/// `GET /settings`: what can be set, and where.
func settingsPage(in frame: Frame) -> HTML {
    let t = frame.t
    let places: [(path: String, title: HTML, help: HTML)] = [
        ("/settings/templates", t("templates.title"), t("settings.templates-help")),
        ("/settings/clinic", t("texts.title"), t("settings.texts-help")),
        ("/settings/places", t("places.title"), t("settings.places-help")),
        ("/settings/hours", t("hours.title"), t("settings.hours-help")),
        ("/settings/visit-types", t("visit-types.title"), t("settings.visit-types-help")),
        ("/settings/resources", t("resources.title"), t("settings.resources-help")),
        ("/settings/reminders", t("reminders.title"), t("settings.reminders-help")),
        ("/settings/pools", t("pools.title"), t("settings.pools-help")),
        ("/accounts", t("accounts.title"), t("settings.accounts-help")),
    ]
    return frame.page(
        title: t("settings.title"),
        """
        <div class="stack"><h1>\(t("settings.title"))</h1><p class="plain">\(t("settings.help"))</p>\
        <ul class="rows panel">\(each: places, {
            "<li><p><a class=\"target\" href=\"\($0.path)\">\($0.title)</a></p><p class=\"plain\">\($0.help)</p></li>"
        })</ul></div>
        """)
}

/// Who changed a setting, and what one of the changes did, field by field.
struct SettingHistory: Part {
    struct Difference: Sendable {
        var field: HTML
        var before: String
        var after: String
    }

    let html: HTML

    /// - Parameters:
    ///   - path: of the page; with `?version=` it shows another change.
    ///   - shown: the change whose differences these are.
    ///   - fields: what it said before and after; those that are alike are left out.
    init(
        _ changes: [SettingChange], of total: Int, shown: Int, _ fields: [Difference], people: [ID<Account>: String], path: String, now: Moment,
        _ t: Wording
    ) {
        let changed = fields.filter { $0.before != $0.after }
        let title = t("settings.what-changed", ["version": shown])
        let table = CardTable(
            caption: title, columns: [.init(t("settings.field")), .init(t("settings.before")), .init(t("settings.after"))],
            rows: changed.map { [$0.field, Self.value($0.before, t, isOld: true), Self.value($0.after, t)] })
        // A form that is kept as it was is a version too.
        let differences = changed.isEmpty ? "<h3>\(title)</h3><p class=\"plain\">\(t("settings.nothing"))</p>" : table.html
        let lines: [HTML] = changes.map { change in
            let who: HTML = change.account.map { account in
                people[account].map { "<span translate=\"no\">\($0)</span>" } ?? t("settings.somebody")
            } ?? t("settings.operator")
            let when = t.dateAndTime(Moment(change.at, in: now.zone), .short)
            let words = t("settings.change", ["version": change.version, "who": who, "time": when])
            let link: HTML = "<a class=\"target\" href=\"\(path)?version=\(change.version)#changes\">\(words)</a>"
            return "<li>\(change.version == shown ? "<span class=\"strong\">\(words)</span>" : link)</li>"
        }
        html = """
            <section class="stack" aria-labelledby="changes"><h2 id="changes">\(t("settings.history")) \
            \(ShownOf(changes.count, of: total, t))</h2>\(differences)<ol class="rows panel">\(each: lines, { $0 })</ol></section>
            """
    }

    private static func value(_ text: String, _ t: Wording, isOld: Bool = false) -> HTML {
        text.isEmpty
            ? "<span class=\"soft\">\(t("settings.nothing"))</span>"
            : "<span class=\"kept\(when: isOld, " old")\" translate=\"no\">\(text)</span>"
    }
}
