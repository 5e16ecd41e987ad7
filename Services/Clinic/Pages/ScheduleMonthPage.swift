import Contracts
import Web

struct ScheduleMonthView: Sendable {
    /// The first day of it.
    var month: Day
    var found: ScheduleMonth
    var names: ClinicNames
}

/// `GET /calendar/month?month=2026-11`: every visit that was booked over others, with why, and how often somebody who waited was served.
func scheduleMonthPage(_ view: ScheduleMonthView, in frame: Frame) -> HTML {
    let t = frame.t
    let overrides = view.found.overrides
    let title = t("month.title", ["month": Day(view.month.yearAndMonth).map { t.date($0, .long) } ?? ""])
    func step(_ label: HTML, _ days: Int) -> HTML {
        let other = Day(daysSince1970: (view.month.daysSince1970 ?? 0) + days)
        return "<a class=\"btn btn-plain\" href=\"/calendar/month?month=\(other.yearAndMonth)\">\(label)</a>"
    }
    let rows: HTML = """
        <ol class="rows panel">\(each: overrides, { line in
            let visit = line.visit
            let time = Moment(visit.start).map { t.dateAndTime($0, .short) } ?? HTML(text: visit.start.local)
            return """
                <li class="stack-s"><div class="cluster apart">\
                <a class="target strong" href="/patients/\(visit.patient)/visits/\(visit.appointment)">\(time)</a>\
                \(t.visitStatus(visit.status))</div>\
                <p class="plain"><span translate="no">\(view.names.clinician(visit.practitioner, t))</span>, \
                <span translate="no">\(view.names.service(visit.service, t))</span></p><p translate="no">\(line.reason)</p></li>
                """ as HTML
        })</ol>
        """
    return frame.page(
        title: title,
        """
        <div class="stack"><p><a class="crumb no-print" href="/board">\(t("board.title"))</a></p><h1>\(title)</h1>\
        <nav class="toolbar no-print" aria-label="\(t("month.others"))">\(step(t("calendar.before"), -1))\(step(t("calendar.after"), 31))</nav>\
        <section class="stack-s" aria-labelledby="over"><h2 id="over">\(t("month.over")) \
        \(overrides.isEmpty ? nil : ShownOf(overrides.count, of: view.found.total, t))</h2>\
        \(overrides.isEmpty ? "<p class=\"plain\">\(t("month.over-none"))</p>" : rows)</section>\
        <section class="card stack-s" aria-labelledby="offers"><h2 id="offers">\(t("month.offers"))</h2>\
        <p>\(outcomes(view.found.offers, t))</p></section></div>
        """)
}

private func outcomes(_ offers: OfferOutcomes, _ t: Wording) -> HTML {
    let all = offers.taken + offers.declined + offers.lapsed
    guard all > 0 else { return t("month.offers-none") }
    return t(
        "month.outcomes",
        ["taken": offers.taken, "rate": (offers.taken * 100 + all / 2) / all, "declined": offers.declined, "lapsed": offers.lapsed])
}

extension Day {
    var firstOfMonth: Day { daysSince1970.map { Day(daysSince1970: $0 - (day ?? 1) + 1) } ?? self }

    /// `2026-11`.
    var yearAndMonth: String { String(iso.prefix(7)) }
}
