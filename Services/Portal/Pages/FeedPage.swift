import Contracts
import Foundation
import Web

struct FeedView: Sendable {
    /// When the link was made that there is.
    var madeAt: Date?
    /// One that was made just now: shown this once.
    var link: String?
    var isEnded = false
    /// Of somebody they act for, who makes a link themselves.
    var isAnothers = false
    var now: Moment
}

/// `GET /visits/feed`: the link by which a calendar keeps up with the visits.
func feedPage(_ view: FeedView, in frame: Frame) -> HTML {
    let t = frame.t
    return frame.page(
        title: t("feed.title"),
        """
        <div class="wrap-narrow stack"><p><a class="crumb" href="/visits">\(t("visits.all"))</a></p><h1>\(t("feed.title"))</h1>\
        <p class="lead">\(t("feed.lead"))</p>\(view.isAnothers ? Note(.plain, "<p>\(t("feed.anothers"))</p>").html : own(view, frame))</div>
        """)
}

private func own(_ view: FeedView, _ frame: Frame) -> HTML {
    let t = frame.t
    let made = view.link.map { link in
        Note(.ok, announcement: .status, """
            <p class="strong">\(t("feed.made"))</p><p><code translate="no">\(link)</code></p><p>\(t("feed.made-help"))</p>
            """)
    }
    let since = view.madeAt.map { made in
        "<p>\(t("feed.since", ["time": t.dateAndTime(Moment(made, in: view.now.zone))]))</p>" as HTML
    }
    let label = t(view.madeAt == nil ? "feed.make" : "feed.make-new")
    let secret = BrowserSecret().text
    return """
        \(view.isEnded ? Note(.ok, announcement: .status, "<p>\(t("feed.ended"))</p>").html : nil)\(made)\
        \(view.link == nil ? since : nil)<p class="plain">\(t("feed.what"))</p>\
        \(Form(to: "/visits/feed", formKey: frame.formKey, style: "", """
            <input type="hidden" name="secret" value="\(secret)"><button class="btn">\(label)</button>
            """))\
        \(view.madeAt == nil ? nil : Form(to: "/visits/feed/end", formKey: frame.formKey, style: "", """
            <button class="btn btn-plain">\(t("feed.end"))</button>
            """).html)
        """
}
