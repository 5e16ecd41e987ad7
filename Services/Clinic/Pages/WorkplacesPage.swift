import Contracts
import Web

struct WorkplacesPageView: Sendable {
    var account: StaffAccount
    var version: Int
    /// As they are, or as they were chosen.
    var chosen: Set<ID<Location>>
    var known: WorkplacesView
    var places: [DirectoryLocation]
    var people: [ID<Account>: String]
    var refusal: WorkplacesRefusal?
    var now: Moment
}

/// `GET /accounts/{id}/places`: where somebody works, and where they worked before.
func workplacesPage(_ view: WorkplacesPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let names = Dictionary(view.places.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    let account = "/accounts/\(view.account.account)"
    let errors: [FieldError] =
        switch view.refusal {
        case .deserted(let place)?:
            [FieldError("places", t("workplaces.deserted", ["place": "<span translate=\"no\">\(names[place] ?? "")</span>" as HTML]))]
        case .unknownPlace?: [FieldError("places", t("workplaces.unknown"))]
        case .notFound?, .changedMeanwhile?, nil: []
        }
    let summary: HTML? =
        if case .changedMeanwhile? = view.refusal {
            ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
        } else { errors.isEmpty ? nil : ErrorSummary(errors, t).html }
    let form = Form(
        to: "\(account)/places", formKey: frame.formKey, style: "card stack",
        """
        <fieldset class="stack-s" id="places"><legend>\(t("workplaces.legend"))</legend>\
        \(errors.first.map { "<p class=\"error\">\($0.message)</p>" as HTML })\
        \(each: view.places, { place in
            Choice(
                .checkbox, name: "place", value: "\(place.id)", "<span translate=\"no\">\(place.name)</span>",
                isChecked: view.chosen.contains(place.id)
            ).html
        })</fieldset><p class="plain">\(t("workplaces.help"))</p>\
        <input type="hidden" name="version" value="\(view.version)"><p><button class="btn">\(t("workplaces.save"))</button></p>
        """)
    func words(_ places: [ID<Location>]?) -> String { (places ?? []).map { names[$0] ?? "\($0)" }.sorted().joined(separator: ", ") }
    let history = SettingHistory(
        view.known.changes, of: view.known.total, shown: view.known.shown,
        [.init(field: t("workplaces.title"), before: words(view.known.before), after: words(view.known.after))], people: view.people,
        path: "\(account)/places", now: view.now, t)
    return frame.page(
        title: t("workplaces.title"), hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="\(account)">\(t("accounts.one"))</a></p>\
        <h1>\(t("workplaces.title"))</h1><p class="lead" translate="no">\(view.account.displayName ?? view.account.username)</p>\
        \(summary)\(form)</div>\(history)</div>
        """)
}
