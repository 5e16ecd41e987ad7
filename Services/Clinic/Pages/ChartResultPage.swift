import Contracts
import Web

struct ChartResultView: Sendable {
    var chart: Chart
    var newest: ResultLine
    var series: ResultSeries
    var now: Moment
}

/// `GET /patients/{id}/results/{result}`: one test over time.
func chartResultPage(_ view: ChartResultView, in frame: Frame) -> HTML {
    let t = frame.t
    let newest = view.newest
    let graphs = view.series.graphs(id: "graph", in: view.now.zone, home: t("chart.from-patient"), t)
    let values: [[HTML]] = view.series.points.reversed().map { point in
        [point.at.map { t.date(Moment($0, in: view.now.zone).day, .short) } ?? t("chart.not-written"), point.shownValue(t)]
    }
    let table = CardTable(
        caption: t("chart.all-values"), hidesCaption: true, columns: [.init(t("chart.collected")), .init(t("chart.value"))], rows: values)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(title: HTML(text: newest.display), """
        <div class="stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)">\(t("chart.back"))</a></p>\
        <section class="panel stack-s" aria-labelledby="newest"><header><h2 id="newest">\(newest.display)</h2>\
        \(newest.loinc.map { "<span class=\"of\">\($0)</span>" as HTML })</header>\
        <p class="cluster"><span class="value">\(newest.formerValue(t)) \(newest.shownValue(t))</span>\(newest.reading?.tag(t))\
        \(t.resultStatus(newest.status ?? "", corrected: newest.corrected))\(told(newest, t))</p>\
        <p><a class="target" href="/patients/\(view.chart.patient.id)/results/\(newest.id)/versions">\(t("result.versions"))</a></p></section>\
        \(each: graphs, { "<section class=\"panel\">\($0)</section>" })\
        \(when: graphs.isEmpty, """
            <section class="panel"><header><h2>\(t("chart.all-values"))</h2>\(ShownOf(values.count, of: values.count, t))</header>\(table)</section>
            """)</div>
        """)
}

struct ChartResultsView: Sendable {
    var chart: Chart
    var now: Moment
}

/// `GET /patients/{id}/results`: the newest value of every test.
func chartResultsPage(_ view: ChartResultsView, in frame: Frame) -> HTML {
    let t = frame.t
    let lines = view.chart.results
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(title: t("chart.results"), """
        <div class="stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)">\(t("chart.back"))</a></p>\
        <section class="panel" aria-labelledby="results"><header><h2 id="results">\(t("chart.results"))</h2>\
        \(ShownOf(lines.count, of: lines.count, t))</header>\
        \(when: lines.isEmpty, "<p class=\"plain\">\(t("chart.no-results"))</p>")\
        \(when: !lines.isEmpty, resultTable(lines, of: view.chart.patient.id, view.now.zone, t).html)</section></div>
        """)
}

/// Tests with their newest value, its range and its verdict.
func resultTable(_ lines: [ResultLine], of patient: ID<Patient>, _ zone: Zone, _ t: Wording) -> CardTable {
    CardTable(
        caption: t("chart.results"), hidesCaption: true,
        columns: [
            .init(t("chart.test")), .init(t("chart.value")), .init(t("chart.usual-range")), .init(t("chart.flag")), .init(t("chart.collected")),
        ],
        rows: lines.map { line in
            [
                "<a class=\"target\" href=\"/patients/\(patient)/results/\(line.id)\">\(line.display)</a>",
                "\(line.formerValue(t)) <strong>\(line.shownValue(t))</strong>", line.usualRange?.words(t) ?? t("range.none"), flag(line, t),
                line.at.map { t.date(Moment($0, in: zone).day, .short) } ?? t("chart.not-written"),
            ]
        })
}

/// Nobody at the clinic measured it.
private func told(_ line: ResultLine, _ t: Wording) -> Tag? { line.fromPatient == true ? Tag(.warn, t("chart.from-patient")) : nil }

private func flag(_ line: ResultLine, _ t: Wording) -> HTML {
    """
    \(line.reading?.shortTag(t)) \(t.resultStatus(line.status ?? "", corrected: line.corrected))\(told(line, t))\
    \(when: line.reading == nil, t("range.not-judged"))
    """
}
