import Access
import Contracts
import Web

/// What was typed for somebody who works here.
struct StaffAccountForm: Sendable {
    var name = ""
    var role = ""
    var practitioner = ""
    var isSuspended = false

    init(_ account: StaffAccount) {
        (name, role, practitioner) = (account.displayName ?? "", account.role, account.practitioner.map { "\($0)" } ?? "")
        isSuspended = account.suspended ?? false
    }

    init(_ form: FormData) {
        (name, role, practitioner) = (form.trimmed("name"), form.trimmed("role"), form.trimmed("practitioner"))
        isSuspended = form["suspended"] != nil
    }
}

struct StaffAccountView: Sendable {
    var account: StaffAccount
    /// The reader's: what they themselves may do somebody else changes.
    var isOwn: Bool
    var form: StaffAccountForm
    var version: Int
    /// Those nobody else has an account as.
    var practitioners: [DirectoryPractitioner]
    /// All of them, by id.
    var names: [ID<Practitioner>: String]
    var history: StaffHistory
    var people: [ID<Account>: String]
    var refusal: KeepStaffRefusal?
    var now: Moment
}

/// `GET /accounts/{id}`: what is said of somebody who works here, and what was said before.
func staffAccountPage(_ view: StaffAccountView, in frame: Frame) -> HTML {
    let t = frame.t
    let errors = fieldErrors(view.refusal, t)
    let path = "/accounts/\(view.account.account)"
    return frame.page(
        title: t("accounts.one"), hasErrors: view.refusal != nil,
        """
        <div class="stack-l"><div class="form-page stack"><p><a class="crumb" href="/accounts">\(t("accounts.title"))</a></p>\
        <h1>\(t("accounts.one"))</h1><p class="lead" translate="no">\(view.account.username)</p>\(summary(view.refusal, errors, t))\
        \(view.account.closed ? Note(.plain, "<p>\(t("accounts.closed-help"))</p>").html : form(view, errors, path, frame))</div>\
        \(when: view.account.practitioner != nil && !view.account.closed, """
            <p class="cluster"><a class="target" href="\(path)/places">\(t("workplaces.title"))</a> \
            <a class="target" href="\(path)/licences">\(t("licences.title"))</a></p>
            """)\(history(view, path, t))</div>
        """)
}

private func summary(_ refusal: KeepStaffRefusal?, _ errors: [FieldError], _ t: Wording) -> HTML? {
    switch refusal {
    case .changedMeanwhile?: ErrorSummary(title: t("settings.changed-meanwhile"), text: t("settings.changed-meanwhile-help")).html
    case .own?: ErrorSummary(title: t("accounts.own"), text: t("accounts.own-help")).html
    case .lastAdministrator?: ErrorSummary(title: t("accounts.last"), text: t("accounts.last-help")).html
    default: errors.isEmpty ? nil : ErrorSummary(errors, t).html
    }
}

private func fieldErrors(_ refusal: KeepStaffRefusal?, _ t: Wording) -> [FieldError] {
    switch refusal {
    case .unknownRole?: [FieldError("role", t("accounts.role-missing"))]
    case .nameMissing?: [FieldError("name", t("accounts.name-missing"))]
    case .practitionerTaken?: [FieldError("practitioner", t("accounts.practitioner-taken"))]
    case .notFound?, .own?, .lastAdministrator?, .changedMeanwhile?, nil: []
    }
}

private func form(_ view: StaffAccountView, _ errors: [FieldError], _ path: String, _ frame: Frame) -> HTML {
    let (t, typed) = (frame.t, view.form)
    let name = Field(
        "name", t("accounts.name"), hint: t("accounts.name-hint"), value: typed.name, autocomplete: "off", width: .middle, maximumLength: 100)
    let free: [(value: String, label: HTML)] = view.practitioners.map { ("\($0.id)", HTML(text: $0.name)) }
    let suspended = Choice(
        .checkbox, name: "suspended", value: "yes", t("accounts.suspend"), detail: t("accounts.suspend-help"), isChecked: typed.isSuspended)
    let others: HTML = """
        \(Select("role", t("accounts.role"), t.staffRoles, chosen: typed.role).marked(errors, t))\
        \(Select("practitioner", t("accounts.practitioner"), [("", t("accounts.nobody"))] + free, chosen: typed.practitioner).marked(errors, t))\
        <p class="plain">\(t("accounts.practitioner-help"))</p>\(suspended)<p class="plain">\(t("accounts.ends-sessions"))</p>
        """
    let own: HTML = """
        <input type="hidden" name="role" value="\(typed.role)"><input type="hidden" name="practitioner" value="\(typed.practitioner)">\
        <p class="plain">\(t("accounts.own-help"))</p>
        """
    return Form(
        to: path, formKey: frame.formKey, style: "card stack",
        """
        \(name.marked(errors, t))\(view.isOwn ? own : others)<input type="hidden" name="version" value="\(view.version)">\
        <p><button class="btn">\(t("accounts.save"))</button></p>
        """
    ).html
}

private func history(_ view: StaffAccountView, _ path: String, _ t: Wording) -> HTML {
    func role(_ terms: StaffTerms?) -> String { terms.map { t.role($0.role).plainText } ?? "" }
    func practitioner(_ terms: StaffTerms?) -> String { terms?.practitioner.map { view.names[$0] ?? "\($0)" } ?? "" }
    func state(_ terms: StaffTerms?) -> String {
        guard let terms else { return "" }
        let words: HTML =
            switch terms.state {
            case "closed": t("accounts.is-closed")
            case "suspended": t("accounts.is-suspended")
            default: t("accounts.is-active")
            }
        return words.plainText
    }
    let (before, after) = (view.history.before, view.history.after)
    let fields: [SettingHistory.Difference] = [
        .init(field: t("accounts.name"), before: before?.displayName ?? "", after: after.displayName ?? ""),
        .init(field: t("accounts.role"), before: role(before), after: role(after)),
        .init(field: t("accounts.practitioner"), before: practitioner(before), after: practitioner(after)),
        .init(field: t("accounts.state"), before: state(before), after: state(after)),
    ]
    return SettingHistory(
        view.history.changes, of: view.history.total, shown: view.history.shown, fields, people: view.people, path: path, now: view.now, t
    ).html
}
