import Contracts
import Foundation
import Web

struct PeopleView: Sendable {
    /// Of everybody below, as records knows them.
    var summaries: [PatientSummary]
    /// Nil for somebody who has no record here.
    var own: ID<Patient>?
    var acting: [ActingFor]
    /// The proxy of whoever was chosen; nil for the own record.
    var chosen: String?
    /// They have just stopped acting for somebody.
    var hasStopped = false
    var now: Moment
}

/// `GET /people`: whose records this person may see, and which of them they look at.
func peoplePage(_ view: PeopleView, in frame: Frame) -> HTML {
    let t = frame.t
    let rows: HTML = """
        \(view.own.map { row($0, nil, view, frame) })\(each: view.acting, { row($0.patient, $0, view, frame) })
        """
    let list: HTML =
        view.own == nil && view.acting.isEmpty
        ? "<div class=\"card\">\(Empty(t("people.none"), t("people.none-help")))</div>" : "<ul class=\"rows card\">\(rows)</ul>"
    return frame.page(
        title: t("people.title"),
        """
        <div class="wrap-narrow stack"><h1>\(t("people.title"))</h1><p class="lead">\(t("people.lead"))</p>\
        \(when: view.hasStopped, Note(.ok, announcement: .status, "<p>\(t("people.stopped"))</p>").html)\(list)</div>
        """)
}

private func row(_ patient: ID<Patient>, _ acting: ActingFor?, _ view: PeopleView, _ frame: Frame) -> HTML {
    let t = frame.t
    let summary = view.summaries.first { $0.id == patient }
    let name: HTML = summary.map { "<span translate=\"no\">\($0.name)</span>" } ?? t("people.unnamed")
    let isChosen = acting?.proxy.description == view.chosen
    let until = acting?.until.map { t("proxy.until", ["day": t.date(Moment($0.addingTimeInterval(-1), in: view.now.zone).day, .long)]) }
    let born = summary?.birthDate.flatMap { Day($0) }.map { t("people.born", ["day": t.date($0, .long)]) }
    let choose = Form(
        to: "/people", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="record" value="\(acting?.proxy.description ?? "")">\
        <button class="btn btn-plain"\(when: isChosen, " aria-current=\"true\"")>\(t("people.look", ["name": name]))</button>
        """)
    return """
        <li class="stack-s"><div class="cluster apart"><span class="strong">\(name)</span>\
        \(acting == nil ? Tag(.info, t("people.own")) : Tag(.acting, t.proxyLevel(acting?.level ?? .limited)))</div>\
        <p class="plain">\(born) \(until)</p><div class="cluster">\(choose)\(acting.map { stop($0, name, frame) })</div></li>
        """
}

private func stop(_ acting: ActingFor, _ name: HTML, _ frame: Frame) -> HTML {
    Form(
        to: "/people/stop", formKey: frame.formKey, style: "no-print",
        """
        <input type="hidden" name="proxy" value="\(acting.proxy)">\
        <button class="btn btn-link">\(frame.t("people.stop"))<span class="hide">: \(name)</span></button>
        """
    ).html
}

/// For whoever goes on looking at a record that is not theirs to see any more.
func endedProxyPage(in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(
        title: t("people.ended"),
        """
        <div class="wrap-narrow stack"><h1>\(t("people.ended"))</h1><p class="lead">\(t("people.ended-help"))</p>\
        <p>\(Action(t("people.title"), to: PortalPlace.people))</p></div>
        """)
}
