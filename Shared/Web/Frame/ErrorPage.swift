public import Foundation
public import Hummingbird

/// The page of a request that could not be answered: what happened and what to do next, never why inside.
public struct ErrorPage: Sendable {
    /// - Parameters:
    ///   - since: since when it is so, where that is told.
    ///   - status: statuses without words of their own read as 400 or 500.
    ///   - reference: the trace of the request, which a caller can give to support; shown from 500 on.
    public static func html(_ status: HTTPResponse.Status, since: Date? = nil, reference: String, in frame: Frame) -> HTML {
        let t = frame.t
        var words = words(status.code, t)
        if let since { words.title = t("error.410.title", ["day": t.date(Moment(since, in: frame.site.zone).day, .long)]) }
        let help = frame.site.phone.map { t("error.call", ["phone": $0]) }
        return frame.page(
            title: words.title,
            """
            <div class="wrap-narrow stack"><h1>\(words.title)</h1><p class="lead">\(words.text)</p>\
            <p>\(Action(t("error.to-start"), to: "/"))</p>\(when: help != nil, "<p class=\"plain\">\(help)</p>")\
            \(when: status.code >= 500, "<p class=\"plain\">\(t("error.reference", ["reference": reference]))</p>")</div>
            """)
    }

    private static func words(_ code: Int, _ t: Wording) -> (title: HTML, text: HTML) {
        switch code {
        case 403: (t("error.403.title"), t("error.403.text"))
        case 404: (t("error.404.title"), t("error.404.text"))
        case 405: (t("error.405.title"), t("error.405.text"))
        case 409: (t("error.409.title"), t("error.409.text"))
        case 410: (t("error.410.plain"), t("error.410.text"))
        case 413: (t("error.413.title"), t("error.413.text"))
        case 422: (t("error.422.title"), t("error.422.text"))
        case 429: (t("error.429.title"), t("error.429.text"))
        case 503, 504: (t("error.503.title"), t("error.503.text"))
        case 500...: (t("error.500.title"), t("error.500.text"))
        default: (t("error.400.title"), t("error.400.text"))
        }
    }
}
