import Hummingbird

/// How a phone keeps the site on its home screen, as a W3C web application manifest. There is no service worker: nothing is kept to be read without
/// us.
struct Manifest: Encodable {
    struct Icon: Encodable {
        var src: String
        var sizes: String
        var type: String
        var purpose = "any"
    }

    static let path = "/manifest.webmanifest"

    private enum CodingKeys: String, CodingKey {
        case name, shortName = "short_name", lang, id, start = "start_url", scope, display, background = "background_color", theme = "theme_color"
        case icons
    }

    var name: String
    var shortName: String
    var lang: String
    var id = "/"
    var start = "/"
    var scope = "/"
    var display = "standalone"
    /// The style sheet's `--paper` and `--bar` by day.
    var background = "#f2f5f8"
    var theme = "#12233a"
    var icons: [Icon]

    init(of site: Site, icons assets: Assets, in language: Language) {
        (name, shortName, lang) = (site.name, String(site.name.prefix(12)), language.tag)
        let pictures = [(assets.smallIcon, "192x192"), (assets.largeIcon, "512x512")]
        icons =
            [Icon(src: assets.icon.path, sizes: "any", type: "image/svg+xml")]
            + pictures.flatMap { file, sizes in
                ["any", "maskable"].map { Icon(src: file.path, sizes: sizes, type: "image/png", purpose: $0) }
            }
    }

    func response() throws -> Response {
        var response = try Response.json(self)
        response.headers[.contentType] = "application/manifest+json"
        return response
    }
}
