import Contracts
import Foundation
import Web

struct NewsView: Sendable {
    var news: RecordNews
    var now: Moment
}

/// `GET /record/new`: what others wrote in the record since the account last looked.
func newsPage(_ view: NewsView, in frame: Frame) -> HTML {
    let t = frame.t
    let news = view.news
    let since = news.since.map { t("news.since", ["time": t.dateAndTime(Moment($0, in: view.now.zone), .short)]) } ?? t("news.first")
    let list: HTML =
        news.lines.isEmpty
        ? Empty(t("news.none"), t("news.none-help")).html
        : "<div class=\"card\">\(RecordLines(news.lines.map(\.line), path: { $0.page }, t))</div>"
    // Nothing is marked as seen because a page was loaded: a browser may do that by itself.
    let seen = Form(to: "/record/new", formKey: frame.formKey, style: "", """
        <input type="hidden" name="until" value="\(Int((news.asOf.timeIntervalSince1970 * 1_000).rounded(.down)))">\
        <button class="btn">\(t("news.seen"))</button>
        """)
    return frame.page(
        title: t("news.title"),
        """
        <div class="stack"><p><a class="crumb" href="/record">\(t("summary.back"))</a></p><h1>\(t("news.title")) \
        \(ShownOf(news.lines.count, of: news.total, t))</h1><p class="lead">\(since)</p>\(list)\(when: !news.lines.isEmpty, seen.html)</div>
        """)
}
