import Contracts
import Web

struct ResultsView: Sendable {
    /// The newest of each test, newest first.
    var results: [ResultLine]
    /// When the patient sees new ones; missing for whoever has no say in it.
    var release = Available<ReleaseView>.missing
    var wasSaved = false
    var now: Moment
}

/// `GET /results`: the newest value of each test.
func resultsPage(_ view: ResultsView, in frame: Frame) -> HTML {
    let t = frame.t
    guard !view.results.isEmpty else {
        return frame.page(title: t("nav.results"), """
            <div class="stack"><h1>\(t("results.title"))</h1>\(Empty(t("results.none"), t("results.none-help")))\
            <p><a class="target" href="/readings">\(t("readings.title"))</a></p>\(release(view, frame))</div>
            """)
    }
    let outside = view.results.filter { $0.reading.map { $0 != .inside } ?? false }.count
    let judged = view.results.filter { $0.reading != nil }.count
    let lead = judged == 0 ? t("results.none-judged") : t("results.lead", count: outside, ["judged": judged])
    let groups = [
        (id: "laboratory", title: t("results.laboratory"), lines: view.results.filter { $0.category == "laboratory" }),
        (id: "vital-signs", title: t("results.vital-signs"), lines: view.results.filter { $0.category == "vital-signs" }),
        (id: "other", title: t("results.other"), lines: view.results.filter { $0.category != "laboratory" && $0.category != "vital-signs" }),
    ].filter { !$0.lines.isEmpty }
    return frame.page(title: t("nav.results"), """
        <div class="stack"><h1>\(t("results.title"))</h1>\
        \(when: view.wasSaved, Note(.ok, announcement: .status, "<p>\(t("release.saved"))</p>").html)<p class="lead">\(lead)</p>\
        \(waiting(view, t))\
        <p><a class="target" href="/readings">\(t("readings.title"))</a></p>\(each: groups, { group in
            """
            <section class="card stack-s" aria-labelledby="\(group.id)"><h2 id="\(group.id)">\(group.title) \
            \(ShownOf(group.lines.count, of: group.lines.count, t))</h2>\(table(group.title, group.lines, view.now.zone, t))</section>
            """
        })<p class="of">\(t("results.order"))</p>\(release(view, frame))</div>
        """)
}

private func waiting(_ view: ResultsView, _ t: Wording) -> Note? {
    guard let release = view.release.value, release.waiting > 0, let latest = release.latest else { return nil }
    let day = t.date(Moment(latest, in: view.now.zone).day, .weekday)
    return Note(.plain, "<p>\(t("release.waiting", count: release.waiting, ["day": day]))</p>")
}

/// When the patient sees new results: theirs to choose.
private func release(_ view: ResultsView, _ frame: Frame) -> HTML? {
    guard let choice = view.release.value?.choice else { return nil }
    let t = frame.t
    let days = (1...7).map { (value: String($0), label: t("release.days", count: $0)) }
    return Form(to: "/results/release", formKey: frame.formKey, style: "card stack", """
        <fieldset class="stack-s"><legend>\(t("release.title"))</legend>\
        \(Choice(.radio, name: "release", value: "now", t("release.now"), isChecked: !choice.afterComment))\
        \(Choice(.radio, name: "release", value: "comment", t("release.comment"), detail: t("release.comment-help"), isChecked: choice.afterComment))\
        </fieldset>\(Select("days", t("release.at-latest"), days, chosen: "\(choice.days)"))\
        <p><button class="btn btn-plain">\(t("release.save"))</button></p>
        """
    ).html
}

private func reading(_ line: ResultLine, _ t: Wording) -> HTML {
    """
    \(line.reading?.tag(t)) \(t.resultStatus(line.status ?? "", corrected: line.corrected))\(told(line, t))\
    \(when: line.reading == nil, t("range.not-judged"))
    """
}

private func table(_ caption: HTML, _ lines: [ResultLine], _ zone: Zone, _ t: Wording) -> HTML {
    CardTable(
        caption: caption, hidesCaption: true,
        columns: [
            .init(t("results.test")), .init(t("results.value")), .init(t("results.reading")), .init(t("results.collected")),
        ],
        rows: lines.map { line in
            [
                "<a class=\"target\" href=\"/results/\(line.id)\">\(line.display)</a>",
                "\(line.formerValue(t)) <strong>\(line.shownValue(t))</strong>",
                reading(line, t),
                line.at.map { t.date(Moment($0, in: zone).day, .short) } ?? t("record.not-said"),
            ]
        }
    ).html
}
