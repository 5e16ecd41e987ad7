import Contracts
import Web

/// How many lines of a long list are shown, and the ways to the page before and the next.
struct PageLinks: Part {
    let html: HTML

    /// - Parameters:
    ///   - place: nil: all there is is shown.
    ///   - list: what the list is called.
    ///   - path: of a page, by its number.
    init(_ place: PageOfList?, shown: Int, named list: HTML, _ t: Wording, path: (Int) -> String) {
        guard let place, place.pages > 1 else {
            html = "<p>\(ShownOf(shown, of: place?.total ?? shown, t))</p>"
            return
        }
        func way(_ label: HTML, to page: Int) -> HTML {
            Action("\(label)<span class=\"hide\">: \(list)</span>", to: path(page), .plain).html
        }
        html = """
            <nav class="pages" aria-label="\(t("pages.of", ["list": list]))">\(ShownOf(shown, of: place.total, t)) \
            <span class="of">\(t("pages.at", ["page": place.page, "pages": place.pages]))</span>\
            \(when: place.page > 1, way(t("pages.before"), to: place.page - 1))\
            \(when: place.page < place.pages, way(t("pages.next"), to: place.page + 1))</nav>
            """
    }
}
