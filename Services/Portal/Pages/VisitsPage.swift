import Contracts
import Web

struct VisitsView: Sendable {
    var visits: Available<Appointments>
    var names: ClinicNames
    var now: Moment
}

/// `GET /visits`: coming visits and the last past ones.
func visitsPage(_ view: VisitsView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(title: t("nav.visits"), """
        <div class="stack"><h1>\(t("visits.title"))</h1><p class="cluster">\(Action(t("visits.book"), to: "/visits/book"))\
        \(Action(t("waiting.title"), to: "/visits/waiting", .plain))\(Action(t("feed.title"), to: "/visits/feed", .plain))</p>\
        \(view.visits.html(missing: t("visits.missing"), { lists($0, view, t) }))</div>
        """)
}

private func lists(_ visits: Appointments, _ view: VisitsView, _ t: Wording) -> HTML {
    """
    <section class="stack-s" aria-labelledby="coming"><h2 id="coming">\(t("visits.coming")) \
    \(ShownOf(visits.coming.count, of: visits.coming.count, t))</h2>\
    \(visits.coming.isEmpty ? Empty(t("visits.none"), t("visits.none-help")).html : list(visits.coming, view, t))</section>\
    \(when: !visits.past.isEmpty, """
        <section class="stack-s" aria-labelledby="past"><h2 id="past">\(t("visits.past")) \
        <span class="of">\(t("visits.last", ["count": visits.past.count]))</span></h2>\(list(visits.past, view, t))</section>
        """)
    """
}

private func list(_ visits: [AppointmentLine], _ view: VisitsView, _ t: Wording) -> HTML {
    """
    <ul class="rows card">\(each: visits, { visit in
        """
        <li><div class="cluster apart">\
        <a class="strong target" href="/visits/\(visit.appointment)">\(visitTime(visit, from: view.now, t).capitalized)</a>\
        \(t.visitStatus(visit.status))</div><p class="plain">\(visitLine(visit, view.names, t))</p></li>
        """
    })</ul>
    """
}
