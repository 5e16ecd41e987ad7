import Contracts
import Web

struct ChartView: Sendable {
    var chart: Chart
    var visits: Available<Appointments>
    var names: ClinicNames
    /// Series worth a graph on the first page, blood pressure for instance.
    var trends: [ResultSeries] = []
    var mayInvite: Bool
    var now: Moment
}

/// `GET /patients/{id}`: the chart, read-only.
func chartPage(_ view: ChartView, in frame: Frame) -> HTML {
    let t = frame.t
    let chart = view.chart
    return frame.with(banner: patientStrip(chart, view.now, t)).page(title: "\(chart.patient.family), \(chart.patient.given)", """
        <div class="chart-cols"><div>\(problems(chart, t))\(allergies(chart, t))\(immunizations(chart, t))</div>\
        <div>\(medicines(chart, t))\(each: view.trends, { trend($0, view, t) })\(results(chart, view.now.zone, t))</div>\
        <div>\(visits(view, t))\(encounters(chart, t))\(when: view.mayInvite, portalPanel(chart.patient.id, t))</div></div>
        """)
}

/// Who it is and what is dangerous, on every page of a chart.
func patientStrip(_ chart: Chart, _ now: Moment, _ t: Wording) -> PatientStrip {
    let dangers = chart.allergies.filter { !$0.noKnown && $0.clinicalStatus != "inactive" && $0.clinicalStatus != "resolved" }
    var warnings = dangers.prefix(4).map { Tag(.bad, t("chart.allergy-tag", ["substance": $0.substance])) }
    if dangers.count > 4 { warnings.append(Tag(.bad, t("chart.more-allergies", count: dangers.count - 4))) }
    if chart.withheld == true { warnings.append(Tag(.warn, t("chart.withheld"))) }
    if let until = chart.glassBrokenUntil {
        warnings.insert(Tag(.bad, t("chart.glass-broken", ["time": t.clock(Moment(until, in: now.zone))])), at: 0)
    }
    return patientStrip(chart.patient, warnings, asOf: Moment(chart.asOf, in: now.zone), now, t)
}

/// Who it is, on pages that show nothing of the record.
func patientStrip(_ patient: PatientSummary, _ warnings: [Tag] = [], asOf: Moment, _ now: Moment, _ t: Wording) -> PatientStrip {
    let facts: [(name: HTML, value: HTML)] = [
        (t("patient.born"), born(patient, now.day, t)), (t("patient.record-number"), patient.mrn.map { HTML(text: $0) } ?? t("patient.not-known")),
        (t("patient.sex"), patient.gender.map { t.gender($0) } ?? t("patient.not-known")),
        (t("patient.language"), patient.language.map { t.language(named: $0) } ?? t("patient.not-known")),
    ]
    let all = patient.deceased ? [Tag(.bad, t("patient.deceased"))] + warnings : warnings
    return PatientStrip(name: "\(patient.family), \(patient.given)", facts: facts, warnings: all, asOf: asOf, t)
}

private func panel(_ id: String, _ title: HTML, _ count: ShownOf?, _ body: HTML) -> HTML {
    "<section class=\"panel\" aria-labelledby=\"\(id)\"><header><h2 id=\"\(id)\">\(title)</h2>\(count)</header>\(body)</section>"
}

private func rows<Line>(_ lines: [Line], empty: HTML, _ row: (Line) -> HTML) -> HTML {
    lines.isEmpty ? "<p class=\"plain\">\(empty)</p>" : "<ul class=\"rows\">\(each: lines, { "<li>\(row($0))</li>" })</ul>"
}

private func row(_ title: HTML, _ tag: Tag?, _ plain: HTML?) -> HTML {
    "<div class=\"cluster apart\"><span class=\"strong\">\(title)</span>\(tag)</div>\(plain.map { "<p class=\"plain\">\($0)</p>" as HTML })"
}

private func problems(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.conditions
    return panel("problems", t("chart.problems"), ShownOf(lines.count, of: lines.count, t), rows(lines, empty: t("chart.no-problems")) { line in
        let isActive = ["active", "recurrence", "relapse"].contains(line.clinicalStatus)
        let onset = line.onset.flatMap { Day(dateTime: $0) }.map { t("chart.since", ["date": t.date($0, .short)]) }
        let plain = [onset, line.code.map { HTML(text: $0) }].compactMap { $0 }
        return row(
            HTML(text: line.display), line.clinicalStatus.map { Tag(isActive ? .info : .plain, t.clinicalStatus($0)) },
            plain.isEmpty ? nil : plain.dropFirst().reduce(plain.first ?? "") { "\($0) \($1)" })
    })
}

private func allergies(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.allergies
    // An empty list and "no known allergy" are different statements; only the second was asked.
    return panel("allergies", t("chart.allergies"), ShownOf(lines.count, of: lines.count, t), rows(lines, empty: t("chart.no-allergies")) { line in
        row(
            HTML(text: line.substance), line.noKnown ? Tag(.ok, t("chart.no-known-allergy")) : line.criticality.map { t.criticality($0) },
            line.reactions.isEmpty ? nil : HTML(text: line.reactions.joined(separator: ", ")))
    })
}

private func immunizations(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.immunizations
    return panel(
        "immunizations", t("chart.immunizations"), ShownOf(lines.count, of: lines.count, t), rows(lines, empty: t("chart.no-immunizations")) { line in
            row(HTML(text: line.vaccine), nil, line.date.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) })
        })
}

private func medicines(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.medications
    let table = CardTable(
        caption: t("chart.medicines"), hidesCaption: true,
        columns: [.init(t("chart.medicine")), .init(t("chart.dose")), .init(t("chart.state")), .init(t("chart.written"))],
        rows: lines.map { line in
            [
                HTML(text: line.name), line.dosage.map { HTML(text: $0) } ?? t("chart.not-written"),
                line.status.map { "\(Tag($0 == "active" ? .info : .plain, t.medicationStatus($0)))" } ?? t("chart.not-written"),
                line.authoredOn.flatMap { Day(dateTime: $0) }.map { t.date($0, .short) } ?? t("chart.not-written"),
            ]
        })
    return panel("medicines", t("chart.medicines"), ShownOf(lines.count, of: lines.count, t), """
        <div class="check check-not">\(Icon.notDone)<div><h3>\(t("chart.interactions-not-checked"))</h3>\
        <p>\(t("chart.interactions-help"))</p></div></div>\
        \(lines.isEmpty ? "<p class=\"plain\">\(t("chart.no-medicines"))</p>" : table.html)
        """)
}

private func trend(_ series: ResultSeries, _ view: ChartView, _ t: Wording) -> HTML {
    let graphs = series.graphs(id: "trend-\(series.points.last.map { "\($0.id)" } ?? "none")", in: view.now.zone, t)
    return "\(each: graphs, { panel("trend-title-\(series.code)", HTML(text: series.display), nil, "\($0)") })"
}

/// Results the chart's first page shows; all are one link away.
private let resultsShown = 25

private func results(_ chart: Chart, _ zone: Zone, _ t: Wording) -> HTML {
    let shown = Array(chart.results.prefix(resultsShown))
    let link: HTML = "<p><a class=\"target\" href=\"/patients/\(chart.patient.id)/results\">\(t("chart.all-results"))</a></p>"
    let all = chart.results.count > shown.count ? link : ""
    return panel("results", t("chart.results"), ShownOf(shown.count, of: chart.results.count, t), shown.isEmpty
        ? "<p class=\"plain\">\(t("chart.no-results"))</p>" : "\(resultTable(shown, of: chart.patient.id, zone, t))\(all)")
}

private func visits(_ view: ChartView, _ t: Wording) -> HTML { visitsPanel(view.visits, view.names, view.now, t) }

/// The visits to come, in the chart and at the desk.
func visitsPanel(_ visits: Available<Appointments>, _ names: ClinicNames, _ now: Moment, _ t: Wording) -> HTML {
    visits.html(missing: t("chart.visits-missing")) { visits in
        let list = rows(visits.coming, empty: t("chart.no-visits")) { visit in
            row(
                Moment(visit.start).map { t.nearDateAndTime($0, from: now).capitalized } ?? "\(visit.start.local) \(visit.start.zone)",
                t.visitStatus(visit.status),
                t("chart.visit", ["service": names.service(visit.service, t), "clinician": names.clinician(visit.practitioner, t)]))
        }
        return panel("visits", t("chart.visits"), ShownOf(visits.coming.count, of: visits.coming.count, t), list)
    }
}

private func encounters(_ chart: Chart, _ t: Wording) -> HTML {
    let lines = chart.encounters
    return panel("encounters", t("chart.encounters"), ShownOf(lines.count, of: chart.encounterCount, t), lines.isEmpty
        ? "<p class=\"plain\">\(t("chart.no-encounters"))</p>"
        : """
        <ol class="line">\(each: lines, { line in
            """
            <li>\(line.start.flatMap { Day(dateTime: $0) }.map { "<p class=\"when\">\(t.date($0, .short))</p>" as HTML })<p>\(line.display)</p>\
            \(line.reason.map { "<p class=\"plain\">\($0)</p>" as HTML })</li>
            """
        })</ol>
        """)
}

/// The way to an account in the portal.
func portalPanel(_ patient: ID<Patient>, _ t: Wording) -> HTML {
    panel("portal", t("chart.portal"), nil, """
        <p class="plain">\(t("chart.portal-help"))</p><p>\(Action(t("invite.title"), to: "/patients/\(patient)/invite", .plain))</p>
        """)
}
