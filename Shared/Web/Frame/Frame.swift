/// Everything around the main part of a page: header, navigation, whose record it is, footer.
public struct Frame: Sendable {
    public var t: Wording
    public var site: Site
    public var workplace: Workplace
    /// The style sheet's address, with its hash.
    public var stylePath: String
    /// The addresses of the icon for tabs and the one for home screens.
    public var iconPaths: [String]
    /// Where each script is.
    public var scripts: [Script: String]
    /// The page's own path with its query, for the link to the other language.
    public var path: String
    /// The key forms of this session carry.
    public var formKey: String
    public var nav: [NavEntry]
    /// The signed-in person's name as the tools show it; nil before sign-in.
    public var signedIn: String?
    /// The search box of the workspace.
    public var find: HTML?
    /// Who banner or patient strip.
    public var banner: HTML?
    /// Whether this chart has the second of the two colours that open charts have.
    public var isSecondChart = false
    /// The style of a page that is made for paper; nil on a screen.
    public private(set) var paper: HTML?

    public init(
        _ t: Wording, site: Site, workplace: Workplace, stylePath: String, iconPaths: [String] = [], scripts: [Script: String] = [:],
        path: String, formKey: String, nav: [NavEntry] = [],
        signedIn: String? = nil, find: HTML? = nil, banner: HTML? = nil
    ) {
        self.t = t
        self.site = site
        self.workplace = workplace
        self.stylePath = stylePath
        self.iconPaths = iconPaths
        self.scripts = scripts
        self.path = path
        self.formKey = formKey
        self.nav = nav
        self.signedIn = signedIn
        self.find = find
        self.banner = banner
    }

    /// The same frame around another person's record.
    public func with(banner: some Part) -> Frame {
        var frame = self
        frame.banner = banner.html
        return frame
    }

    /// The same frame around a patient's chart, in the colour it has among the open ones.
    public func with(banner: PatientStrip) -> Frame {
        var (frame, strip) = (self, banner)
        strip.isSecond = isSecondChart
        frame.banner = strip.html
        return frame
    }

    /// The same frame for paper: nothing to go to, and no key in it.
    func onPaper(_ style: HTML) -> Frame {
        var frame = self
        (frame.paper, frame.formKey) = (style, "")
        return frame
    }

    /// A whole page.
    ///
    /// - Parameters:
    ///   - title: what the page is, without the clinic's name.
    ///   - hasErrors: says so at the start of the title, which is what a screen reader reads first.
    ///   - script: what a form on it needs to do more than be sent.
    ///   - sendsPieces: whether a form on it sends a file in pieces.
    ///   - main: one `h1` and the rest.
    public func page(title: HTML, hasErrors: Bool = false, script: Script? = nil, sendsPieces: Bool = false, _ main: HTML) -> HTML {
        if let paper { return sheets(title, main, style: paper) }
        return screen(title, hasErrors: hasErrors, [script, sendsPieces ? .pieces : nil].compactMap(\.self), main)
    }

    private func screen(_ title: HTML, hasErrors: Bool, _ needed: [Script], _ main: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(t.language.tag)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(when: hasErrors, "\(t("form.error"))")\(title) · \(site.name)</title>
        <link rel="stylesheet" href="\(stylePath)">
        \(icons)\(each: needed.compactMap { scripts[$0] }, { "<script src=\"\($0)\" defer></script>" })
        </head>
        <body class="\(workplace.rawValue)">
        <a class="skip" href="#main">\(t("frame.skip"))</a>
        \(header)
        \(banner)
        <main id="main" class="wrap page" tabindex="-1">
        \(main)
        </main>
        \(footer)
        </body>
        </html>

        """
    }

    /// A browser may keep the site on its home screen; of what its pages show nothing is kept.
    private var icons: HTML {
        guard let tab = iconPaths.first, let home = iconPaths.last else { return "<link rel=\"icon\" href=\"data:,\">" }
        return """
            <link rel="icon" type="image/svg+xml" href="\(tab)"><link rel="apple-touch-icon" href="\(home)">\
            <link rel="manifest" href="\(Manifest.path)">
            """
    }

    private func sheets(_ title: HTML, _ main: HTML, style: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="\(t.language.tag)">
        <head><meta charset="utf-8"><title>\(title) · \(site.name)</title><style>\(style)</style></head>
        <body>
        <p class="clinic-name">\(contact)</p>\(demo)
        \(banner)
        <main>
        \(main)
        </main>
        </body>
        </html>

        """
    }

    private var demo: HTML? {
        site.isDemo ? "<section class=\"demo\" aria-label=\"\(t("frame.demo-label"))\"><p class=\"wrap\">\(t("frame.demo"))</p></section>" : nil
    }

    private var header: HTML {
        """
        \(demo)\
        <header class="top"><div class="wrap top-row">
        <a class="brand" href="/">\(site.logo?.html ?? Icon.mark)<span translate="no">\(site.name)</span></a>
        \(when: !nav.isEmpty, navigation)
        \(find)
        <div class="tools">\(when: workplace == .clinic, staffName)\
        \(each: otherLanguages, languageLink)\(when: signedIn != nil, signOut(workplace == .portal ? " class=\"wide\"" : ""))</div>
        </div></header>
        """
    }

    private var staffName: HTML? { signedIn.map { "<span class=\"target\">\($0)</span>" } }

    private var navigation: HTML {
        """
        <nav class="nav" aria-label="\(t("frame.nav"))">\(each: nav.filter { $0.place != .menu }, navLink)\
        \(when: workplace == .portal, "<a href=\"#menu\">\(Icon.menu)<span>\(t("frame.menu"))</span></a>")</nav>
        """
    }

    private func navLink(_ entry: NavEntry) -> HTML {
        """
        <a href="\(entry.path)"\(when: entry.isCurrent, " aria-current=\"page\"")\(when: entry.place == .wideBar, " class=\"not-phone\"")\
        \(entry.accessKey.map { " accesskey=\"\($0)\"" as HTML })>\
        \(when: workplace == .portal, entry.icon.html)<span>\(entry.label)</span></a>
        """
    }

    private var otherLanguages: [Language] { Language.offered.filter { $0 != t.language } }

    private func languageLink(_ language: Language) -> HTML {
        let there = "\(path)\(path.contains("?") ? "&" : "?")lang=\(language.rawValue)"
        return "<a href=\"\(there)\" lang=\"\(language.tag)\" hreflang=\"\(language.tag)\" translate=\"no\">\(language.ownName)</a>"
    }

    private func signOut(_ attributes: HTML) -> HTML {
        """
        <form\(attributes) action="/sign-out" method="post"><input type="hidden" name="\(FormField.formKey)" value="\(formKey)">\
        <button class="btn btn-link">\(t("frame.sign-out"))</button></form>
        """
    }

    private var footer: HTML {
        """
        <footer class="foot" id="menu"><div class="wrap stack-s">\
        \(when: !nav.isEmpty && workplace == .portal, """
            <nav aria-label="\(t("frame.all-pages"))" class="cluster">\(each: nav, { "<a href=\"\($0.path)\">\($0.label)</a>" })\
            \(when: signedIn != nil, signOut(""))</nav>
            """)
        <p>\(contact)</p></div></footer>
        """
    }

    private var contact: HTML {
        var out: HTML = "<span translate=\"no\">\(site.name)\(site.address.map { ", \($0)" as HTML })</span>."
        if let phone = site.phone { out += " \(t("frame.call", ["phone": "<span class=\"nowrap\">\(phone)</span>" as HTML]))" }
        if workplace == .portal { out += " <strong>\(site.emergency[t.language.tag].map { HTML(text: $0) } ?? t("frame.emergency"))</strong>" }
        return out
    }
}
