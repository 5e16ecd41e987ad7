import Access
import Contracts
import Web

struct StaffPageView: Sendable {
    enum Notice: String, Sendable { case sent, closed, kept }

    var staff: StaffList
    /// Whose account may not be closed here: the reader's own.
    var own: ID<Account>?
    var practitioners: [DirectoryPractitioner]
    var notice: Notice?
    /// What was typed for an invitation that was not made.
    var typed = (name: "", role: "", practitioner: "")
    var refusal: InviteStaffRefusal?
    /// An account was to be closed without which nobody could look after the others.
    var isLast = false
    /// A code to hand over, shown once.
    var invited: (name: String, code: String, until: Moment)?
    var address: String
    var now: Moment
}

/// `GET /accounts`: who works here, a code for who is to, a new password for who forgot theirs, the end for who leaves.
func staffPage(_ view: StaffPageView, in frame: Frame) -> HTML {
    let t = frame.t
    let notice: HTML? =
        switch view.notice {
        case .sent?: t("accounts.sent")
        case .closed?: t("accounts.closed")
        case .kept?: t("accounts.kept")
        case nil: nil
        }
    return frame.page(title: t("accounts.title"), hasErrors: view.refusal != nil || view.isLast, """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/settings">\(t("settings.title"))</a></p>\
        <h1>\(t("accounts.title"))</h1>\(when: view.isLast, ErrorSummary(title: t("accounts.last"), text: t("accounts.last-help")).html)\
        \(notice.map { Note(.ok, announcement: .status, "<p>\($0)</p>").html })\(view.invited.map { slip($0, view, t) })</div>\
        \(people(view, frame))\(invitations(view, t))\(invitation(view, frame))</div>
        """)
}

private func people(_ view: StaffPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let names = Dictionary(view.practitioners.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    let rows: [[HTML]] = view.staff.accounts.map { account in
        let who = HTML(text: account.displayName ?? account.username)
        let reset = Form(to: "/accounts/\(account.account)/reset", formKey: frame.formKey, style: "", """
            <button class="btn btn-link">\(t("accounts.reset"))<span class="hide" translate="no">: \(who)</span></button>
            """)
        let close = Form(to: "/accounts/\(account.account)/close", formKey: frame.formKey, style: "", """
            <button class="btn btn-link">\(t("accounts.close"))<span class="hide" translate="no">: \(who)</span></button>
            """)
        let isSuspended = account.suspended ?? false
        let state: HTML? = isSuspended ? Tag(.warn, t("accounts.is-suspended")).html : nil
        let acts: HTML = "<div class=\"cluster\">\(state)\(when: !isSuspended, reset.html)\(when: account.account != view.own, close.html)</div>"
        return [
            "<a class=\"target\" href=\"/accounts/\(account.account)\" translate=\"no\">\(who)</a>",
            "<span translate=\"no\">\(account.username)</span>", t.role(account.role),
            account.practitioner.flatMap { names[$0] }.map { "<span translate=\"no\">\($0)</span>" } ?? t("accounts.nobody"),
            account.closed ? t("accounts.is-closed") : acts,
        ]
    }
    let table = CardTable(
        caption: t("accounts.people"), hidesCaption: true,
        columns: [
            .init(t("accounts.name")), .init(t("accounts.username")), .init(t("accounts.role")), .init(t("accounts.practitioner")),
            .init(t("accounts.acts")),
        ], rows: rows)
    return """
        <section class="stack-s" aria-labelledby="people"><h2 id="people">\(t("accounts.people")) \(ShownOf(rows.count, of: rows.count, t))</h2>\
        \(table)</section>
        """
}

private func invitations(_ view: StaffPageView, _ t: Wording) -> HTML? {
    guard !view.staff.invitations.isEmpty else { return nil }
    return """
        <section class="card stack-s" aria-labelledby="waiting"><h2 id="waiting">\(t("accounts.waiting"))</h2>\
        <ul class="rows">\(each: view.staff.invitations, { line in
            let until = t.dateAndTime(Moment(line.expires, in: view.now.zone), .short)
            return """
                <li><p><span translate="no">\(line.displayName)</span>, \(t.role(line.role))</p>\
                <p class="plain">\(t("accounts.until", ["time": until]))</p></li>
                """
        })</ul></section>
        """
}

private func invitation(_ view: StaffPageView, _ frame: Frame) -> HTML {
    let t = frame.t
    let errors: [FieldError] =
        switch view.refusal {
        case nil: []
        case .unknownRole?: [FieldError("role", t("accounts.role-missing"))]
        case .nameMissing?: [FieldError("name", t("accounts.name-missing"))]
        case .practitionerTaken?: [FieldError("practitioner", t("accounts.practitioner-taken"))]
        }
    let taken = Set(view.staff.accounts.filter { !$0.closed }.compactMap(\.practitioner))
    let free: [(value: String, label: HTML)] = view.practitioners.filter { !taken.contains($0.id) }.map { ("\($0.id)", HTML(text: $0.name)) }
    let name = Field(
        "name", t("accounts.name"), hint: t("accounts.name-hint"), value: view.typed.name, autocomplete: "off", width: .middle, maximumLength: 100)
    return """
        <section class="stack-s" aria-labelledby="invite"><h2 id="invite">\(t("accounts.invite"))</h2>\
        \(errors.isEmpty ? nil : ErrorSummary(errors, t))\
        \(Form(to: "/accounts", formKey: frame.formKey, style: "card stack", """
            \(name.marked(errors, t))\(Select("role", t("accounts.role"), t.staffRoles, chosen: view.typed.role).marked(errors, t))\
            \(Select("practitioner", t("accounts.practitioner"), [("", t("accounts.nobody"))] + free, chosen: view.typed.practitioner)
                .marked(errors, t))\
            <p class="plain">\(t("accounts.practitioner-help"))</p><p><button class="btn">\(t("accounts.invite-button"))</button></p>
            """))</section>
        """
}

/// To print and hand over, or to read out on the phone.
private func slip(_ invited: (name: String, code: String, until: Moment), _ view: StaffPageView, _ t: Wording) -> HTML {
    let facts: [(name: HTML, value: HTML)] = [
        (t("invite.address"), "<span translate=\"no\">\(view.address)/activate</span>"),
        (t("invite.code"), "<span class=\"value nowrap\" translate=\"no\">\(invited.code)</span>"),
        (t("invite.until"), t.dateAndTime(invited.until, .full)),
    ]
    return """
        \(Note(.ok, announcement: .status, "<p class=\"strong\">\(t("accounts.invited"))</p><p>\(t("invite.done-help"))</p>"))\
        <section class="card stack-s" aria-label="\(t("invite.code"))"><p class="strong" translate="no">\(invited.name)</p>\(Facts(facts))</section>
        """
}

extension Wording {
    /// What somebody who works here may be.
    var staffRoles: [(value: String, label: HTML)] {
        [Role.clinician, .nurse, .frontDesk, .billingOffice, .administrator].map { ($0.rawValue, role($0.rawValue)) }
    }

    /// `Access.Role` raw value.
    func role(_ code: String) -> HTML {
        switch Role(rawValue: code) {
        case .clinician?: self("role.clinician")
        case .nurse?: self("role.nurse")
        case .frontDesk?: self("role.front-desk")
        case .billingOffice?: self("role.billing-office")
        case .administrator?: self("role.administrator")
        default: HTML(text: code)
        }
    }
}
