import Contracts
import Web

struct TimelineView: Sendable {
    var chart: Chart
    var timeline: Timeline
    var section: RecordSection?
    /// Not the first page: it has no counts.
    var continues: Bool
    var now: Moment
}

/// `GET /patients/{id}/record`: everything in the record, newest first, or one part of it.
func timelinePage(_ view: TimelineView, in frame: Frame) -> HTML {
    let t = frame.t
    let (timeline, patient) = (view.timeline, view.timeline.patient.id)
    let title = view.section?.words(t) ?? t("timeline.title")
    let total = view.section.map { timeline.counts[$0.rawValue] ?? 0 } ?? timeline.counts.values.reduce(0, +)
    let more: HTML? = timeline.next.map { next in
        let section = view.section.map { "&section=\($0.rawValue)" } ?? ""
        return "<p>\(Action(t("timeline.more"), to: "/patients/\(patient)/record?after=\(next)\(section)", .plain))</p>"
    }
    let lines = RecordLines(timeline.lines, path: { "/patients/\(patient)/entries/\($0.id)" }, t)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: title,
        """
        <div class="stack"><p><a class="crumb" href="/patients/\(patient)">\(t("chart.back"))</a></p><h2>\(title)</h2>\
        \(when: !view.continues, RecordParts(timeline.counts, at: view.section, path: "/patients/\(patient)/record", t).html)\
        <section class="panel" aria-label="\(title)"><header>\(when: !view.continues, ShownOf(timeline.lines.count, of: total, t).html)</header>\
        \(timeline.lines.isEmpty ? "<p class=\"plain\">\(t("timeline.nothing"))</p>" : lines.html)</section>\(more)</div>
        """)
}

struct LineView: Sendable {
    var chart: Chart
    var entry: EntryView
    var names: ClinicNames
    var now: Moment
}

/// `GET /patients/{id}/entries/{entry}` of what is not written by hand: what it says, and said before.
func linePage(_ view: LineView, in frame: Frame) -> HTML {
    let t = frame.t
    let line = view.entry.versions.first?.line
    let title: HTML = line.map { $0.heading(t) } ?? t("timeline.title")
    let facts: [(name: HTML, value: HTML)] = [
        (t("entry.date"), line?.date.map { date in Day(dateTime: date).map { t.date($0, .full) } ?? HTML(text: date) } ?? t("chart.not-written")),
        (t("chart.state"), line?.status.map { t.recordStatus($0) } ?? t("chart.not-written")),
    ]
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(
        title: title,
        """
        <div class="form-page stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)">\(t("chart.back"))</a></p><h2>\(title)</h2>\
        <section class="card stack-s" data-fhir="\(view.entry.type)/\(view.entry.entry)">\(Facts(facts))\
        \(each: line?.details ?? [], { "<p>\($0)</p>" })</section>\(entryVersions(view.entry, view.names, view.now, t))</div>
        """)
}
