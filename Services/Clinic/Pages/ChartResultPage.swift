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
    let graphs = view.series.graphs(id: "graph", in: view.now.zone, t)
    let values: [[HTML]] = view.series.points.reversed().map { point in
        [point.at.map { t.date(Moment($0, in: view.now.zone).day, .short) } ?? t("chart.not-written"), point.shownValue(t)]
    }
    let table = CardTable(
        caption: t("chart.all-values"), hidesCaption: true, columns: [.init(t("chart.collected")), .init(t("chart.value"))], rows: values)
    return frame.with(banner: patientStrip(view.chart, view.now, t)).page(title: HTML(text: newest.display), """
        <div class="stack"><p><a class="crumb" href="/patients/\(view.chart.patient.id)">\(t("chart.back"))</a></p>\
        <section class="panel stack-s" aria-labelledby="newest"><header><h2 id="newest">\(newest.display)</h2>\
        <span class="of">LOINC \(newest.code)</span></header>\
        <p class="cluster"><span class="value">\(newest.formerValue(t)) \(newest.shownValue(t))</span>\(newest.reading?.tag(t))\
        \(t.resultStatus(newest.status ?? "", corrected: newest.corrected))</p></section>\
        \(each: graphs, { "<section class=\"panel\">\($0)</section>" })\
        \(when: graphs.isEmpty, """
            <section class="panel"><header><h2>\(t("chart.all-values"))</h2>\(ShownOf(values.count, of: values.count, t))</header>\(table)</section>
            """)</div>
        """)
}
