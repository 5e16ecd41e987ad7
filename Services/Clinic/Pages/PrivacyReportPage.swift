import Contracts
import Foundation
import Web

struct PrivacyReportView: Sendable {
    /// Both are in the report.
    var first: Day
    var last: Day
    var sort: TrailField
    var descending: Bool
    /// From 1.
    var page: Int
    /// Only what is about this patient.
    var about: ID<Patient>?
    var entries: [TrailEntry] = []
    /// What left the clinic about this patient.
    var disclosures: [Disclosure] = []
    var total = 0
    /// Who is missing here may not be known, or records does not answer.
    var patients: [ID<Patient>: String] = [:]
    /// The period ends before it begins.
    var isWrong = false
    var now: Moment

    static let pageSize = 50
    var pages: Int { max(1, (min(total, 50_000) + Self.pageSize - 1) / Self.pageSize) }

    /// The report's address with something else in it.
    func path(sort: TrailField? = nil, descending: Bool? = nil, page: Int = 1, about: ID<Patient>?? = nil) -> String {
        let about = about ?? self.about
        return "/privacy?from=\(first.iso)&to=\(last.iso)&sort=\((sort ?? self.sort).rawValue)&order=\(descending ?? self.descending ? "down" : "up")"
            + (page > 1 ? "&page=\(page)" : "") + (about.map { "&about=\($0)" } ?? "")
    }
}

/// `GET /privacy`: every entry of every trail, for any period, sorted by any field.
func privacyReportPage(_ view: PrivacyReportView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(
        title: t("privacy.title"), hasErrors: view.isWrong,
        """
        <div class="stack"><div class="cluster apart"><h1>\(t("privacy.title")) <span class="of">\(t("privacy.count", count: view.total))</span></h1>\
        \(Action(t("privacy.questions"), to: "/privacy/questions", .plain))</div>\(period(view, t))\
        \(view.about.map { about($0, view, t) })\
        \(view.isWrong ? HTML() : view.entries.isEmpty ? Empty(t("privacy.none"), t("privacy.none-help")).html : report(view, t))\
        \(when: view.about != nil && !view.isWrong, disclosures(view, t))</div>
        """)
}

private func disclosures(_ view: PrivacyReportView, _ t: Wording) -> HTML {
    """
    <section class="stack-s" aria-labelledby="left"><h2 id="left">\(t("privacy.left"))</h2>\
    \(view.disclosures.isEmpty ? Empty(t("privacy.left-none"), t("privacy.left-none-help")).html : CardTable(
        caption: t("privacy.left"), hidesCaption: true,
        columns: [.init(t("privacy.at", ["zone": t.zone(view.now.zone)])), .init(t("privacy.left-to")), .init(t("privacy.left-why"))],
        rows: view.disclosures.map { one in
            [
                t.nearDateAndTime(Moment(one.at, in: view.now.zone), from: view.now), "<span translate=\"no\">\(one.recipient)</span>",
                "<span translate=\"no\">\(one.purpose)</span>",
            ]
        }
    ).html)</section>
    """
}

private func period(_ view: PrivacyReportView, _ t: Wording) -> HTML {
    let errors = view.isWrong ? [FieldError("from", t("privacy.wrong-period"))] : []
    func day(_ name: String, _ label: HTML, _ day: Day) -> Field {
        Field(name, label, hint: t("privacy.date-hint"), value: day.iso, autocomplete: "off", width: .short, maximumLength: 10)
    }
    return """
        \(when: view.isWrong, ErrorSummary(errors, t).html)\
        <form class="toolbar" action="/privacy" method="get">\
        \(day("from", t("privacy.from"), view.first).marked(errors, t))\(day("to", t("privacy.to"), view.last))\
        <input type="hidden" name="sort" value="\(view.sort.rawValue)"><input type="hidden" name="order" value="\(view.descending ? "down" : "up")">\
        \(view.about.map { "<input type=\"hidden\" name=\"about\" value=\"\($0)\">" as HTML })\
        <button class="btn btn-plain">\(t("privacy.show"))</button></form>
        """
}

private func about(_ patient: ID<Patient>, _ view: PrivacyReportView, _ t: Wording) -> HTML {
    """
    <p>\(t("privacy.about", ["name": name(patient, view, t)])) \(Action(t("privacy.about-all"), to: view.path(about: .some(nil)), .link))</p>
    """
}

private func name(_ patient: ID<Patient>, _ view: PrivacyReportView, _ t: Wording) -> HTML {
    view.patients[patient].map { "<span translate=\"no\">\($0)</span>" } ?? t("privacy.patient-missing")
}

private func report(_ view: PrivacyReportView, _ t: Wording) -> HTML {
    func column(_ field: TrailField, _ title: HTML) -> HTML {
        let isSorted = view.sort == field
        let other = view.path(sort: field, descending: isSorted ? !view.descending : field == .at)
        let state = isSorted ? " <span aria-hidden=\"true\">\(view.descending ? "↓" : "↑")</span>" as HTML : HTML()
        return """
            <th scope="col"\(when: isSorted, " aria-sort=\"\(view.descending ? "descending" : "ascending")\"")>\
            <a class="target" href="\(other)">\(title)</a>\(state)</th>
            """
    }
    return """
        <div class="scroll" tabindex="0" role="region" aria-label="\(t("privacy.title"))"><table>\
        <caption class="hide">\(t("privacy.title"))</caption>\
        <thead><tr>\(column(.at, t("privacy.at", ["zone": t.zone(view.now.zone)])))\(column(.person, t("privacy.person")))\
        \(column(.role, t("privacy.role")))\(column(.action, t("privacy.action")))\(column(.patient, t("privacy.patient")))\
        \(column(.purpose, t("privacy.purpose")))\(column(.basis, t("privacy.basis")))\(column(.outcome, t("privacy.outcome")))\
        \(column(.reason, t("privacy.reason")))\(column(.service, t("privacy.service")))</tr></thead>\
        <tbody>\(each: view.entries, { row($0, view, t) })</tbody></table></div>\(pages(view, t))
        """
}

private func row(_ entry: TrailEntry, _ view: PrivacyReportView, _ t: Wording) -> HTML {
    let moment = Moment(entry.at, in: view.now.zone)
    let patients = entry.patients.prefix(5).map { "<a href=\"\(view.path(about: .some($0)))\">\(name($0, view, t))</a>" as HTML }
    let more = entry.patients.count - patients.count
    return """
        <tr><td class="nowrap num">\(t.openingTime(t.date(moment.day, .short), t.clock(moment)))</td>\
        <td>\(t.openingPerson(name: entry.name, role: entry.role))</td><td>\(t.openingRole(entry.role))</td>\
        <td>\(t.openingAction(entry.action))<br><span class="tiny soft" translate="no">\(entry.action)</span></td>\
        <td>\(each: patients, { "\($0)<br>" })\(when: more > 0, t("privacy.more-patients", count: more))</td>\
        <td translate="no">\(entry.purpose)</td><td translate="no">\(entry.basis)</td><td translate="no">\(entry.outcome)</td>\
        <td translate="no">\(entry.reason)</td><td class="nowrap" translate="no">\(entry.place.service) \(entry.place.position)</td></tr>
        """
}

private func pages(_ view: PrivacyReportView, _ t: Wording) -> HTML {
    """
    <nav class="pages" aria-label="\(t("privacy.pages"))"><span class="of">\(t("pages.at", ["page": view.page, "pages": view.pages]))</span>\
    \(when: view.page > 1, Action(t("pages.before"), to: view.path(page: view.page - 1), .plain).html)\
    \(when: view.page < view.pages, Action(t("pages.next"), to: view.path(page: view.page + 1), .plain).html)</nav>
    """
}
