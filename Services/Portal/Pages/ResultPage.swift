import Contracts
import Web

struct ResultView: Sendable {
    /// The value the page is about: the newest of its test.
    var newest: ResultLine
    var series: ResultSeries
    var zone: Zone
}

/// `GET /results/{id}`: one test, its newest value and how it went over time.
func resultPage(_ view: ResultView, in frame: Frame) -> HTML {
    let t = frame.t
    let newest = view.newest
    let graphs = view.series.graphs(id: "graph", in: view.zone, home: t("result.from-you"), t)
    let collected = newest.at.map { t.dateAndTime(Moment($0, in: view.zone), .full) }
    let facts: [(name: HTML, value: HTML)] =
        [(t("results.collected"), collected ?? t("record.not-said"))]
        + (newest.usualRange.map { [(t("results.usual-range"), "\($0.words(t)) \(newest.unit)" as HTML)] } ?? [])
        + [(t("results.clinical-name"), newest.loinc.map { "\(newest.display), \($0)" as HTML } ?? HTML(text: newest.display))]
    return frame.page(title: HTML(text: newest.display), """
        <div class="stack-l"><div class="stack"><p><a class="crumb" href="/results">\(t("results.all"))</a></p><h1>\(newest.display)</h1>\
        <p class="lead">\(newest.reading.map { verdict($0, t) } ?? t("result.no-verdict"))</p>\(correction(newest, t))</div>\
        <div class="sidebar"><div class="stack-l">\(measured(newest, t))\(each: graphs, { graph in
            "<section class=\"card stack\"><h2>\(t("result.over-time"))</h2>\(graph)</section>"
        })\(when: graphs.isEmpty, values(view, t))</div>\
        <section class="stack-s" aria-labelledby="about"><h2 id="about">\(t("result.about"))</h2>\(Facts(facts))\
        \(EducationTopic(code: newest.code).map { "<p>\($0.link(newest.display, t))</p>" as HTML })\
        <p class="plain">\(t("result.ask"))</p>\(amendLink(newest.id, newest.display, t))</section></div></div>
        """)
}

private func verdict(_ reading: UsualRange.Reading, _ t: Wording) -> HTML {
    switch reading {
    case .below: t("result.verdict-below")
    case .inside: t("result.verdict-inside")
    case .above: t("result.verdict-above")
    }
}

private func correction(_ newest: ResultLine, _ t: Wording) -> Note? {
    if newest.status == "cancelled" {
        let was = newest.previousValue.map { t("result.was-taken-back", ["was": $0]) } ?? t("result.taken-back-help")
        return Note(.warn, "<p class=\"strong\">\(t("result.taken-back-title"))</p><p>\(was)</p>")
    }
    guard newest.corrected else { return nil }
    let was = newest.formerValue(t).map { t("result.was-corrected", ["was": $0, "now": newest.shownValue(t)]) }
    return Note(.warn, "<p class=\"strong\">\(t("result.corrected-title"))</p><p>\(was ?? t("result.corrected-help"))</p>")
}

private func measured(_ newest: ResultLine, _ t: Wording) -> HTML {
    """
    <section class="card" aria-labelledby="measured"><h2 id="measured">\(t("result.newest"))</h2>\
    <div class="result"><div><p class="cluster"><span class="value">\(newest.shownValue(t))</span>\(newest.reading?.tag(t))\
    \(t.resultStatus(newest.status ?? "", corrected: newest.corrected))\(told(newest, t))</p></div>\(newest.rangeBar(t))</div>\
    \(newest.comment.map { "<p class=\"kept\"><span class=\"strong\">\(t("result.comment"))</span> \($0)</p>" as HTML })</section>
    """
}

/// Nobody at the clinic measured it.
func told(_ line: ResultLine, _ t: Wording) -> Tag? { line.fromPatient == true ? Tag(.plain, t("result.from-you")) : nil }

/// Results in words have no graph, only their list.
private func values(_ view: ResultView, _ t: Wording) -> HTML {
    let points = view.series.points.reversed()
    let rows: [[HTML]] = points.map { point in
        [point.at.map { t.date(Moment($0, in: view.zone).day, .short) } ?? t("record.not-said"), point.shownValue(t)]
    }
    let table = CardTable(
        caption: t("graph.table", ["title": view.series.display]), hidesCaption: true,
        columns: [.init(t("results.collected")), .init(t("results.value"))], rows: rows)
    return "<section class=\"card stack\"><h2>\(t("result.over-time")) \(ShownOf(rows.count, of: rows.count, t))</h2>\(table)</section>"
}
