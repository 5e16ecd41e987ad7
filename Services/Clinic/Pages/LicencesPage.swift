import Contracts
import Web

struct LicencesPageView: Sendable {
    var account: StaffAccount
    var version: Int
    /// As they are, or as they were chosen.
    var chosen: Set<Region>
    var known: LicencesView
    var people: [ID<Account>: String]
    var refusal: LicencesRefusal?
    var now: Moment
}

/// `GET /accounts/{id}/licences`: where somebody is licensed to see patients, and what was on file before.
func licencesPage(_ view: LicencesPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let account = "/accounts/\(view.account.account)"
    let summary: HTML? =
        view.refusal.map { _ in ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html }
    let form = Form(
        to: "\(account)/licences", formKey: frame.formKey, style: "card stack",
        """
        <fieldset class="stack-s"><legend>\(t("licences.legend"))</legend><div class="grid">\
        \(each: Region.all, { region in
            Choice(
                .checkbox, name: "region", value: region.code, "<span translate=\"no\">\(region.name)</span>",
                isChecked: view.chosen.contains(region)
            ).html
        })</div></fieldset><p class="plain">\(t("licences.help"))</p>\
        <input type="hidden" name="version" value="\(view.version)"><p><button class="btn">\(t("licences.save"))</button></p>
        """)
    func words(_ regions: [Region]?) -> String { (regions ?? []).map(\.name).sorted().joined(separator: ", ") }
    let history = SettingHistory(
        view.known.changes, of: view.known.total, shown: view.known.shown,
        [.init(field: t("licences.title"), before: words(view.known.before), after: words(view.known.after))], people: view.people,
        path: "\(account)/licences", now: view.now, t)
    return frame.page(
        title: t("licences.title"), hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="\(account)">\(t("accounts.one"))</a></p>\
        <h1>\(t("licences.title"))</h1><p class="lead" translate="no">\(view.account.displayName ?? view.account.username)</p>\
        \(when: view.known.version == 0, "<p class=\"plain\">\(t("licences.none"))</p>")\(summary)\(form)</div>\
        \(when: view.known.version > 0, history.html)</div>
        """)
}
