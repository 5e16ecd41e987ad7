import HTTPTypes
public import Hummingbird

/// The front of a gateway: every step a request passes before a page sees it, in the one right order.
public struct Gateway<Context: WebContext>: Sendable {
    public let texts: Texts
    public let assets: Assets
    public let session: HostCookie
    private let siteNow: @Sendable () -> Site
    private let logo: @Sendable (String) -> Logo?
    private let workplace: Workplace
    private let keys: FormKeys
    /// Where browsers reach it, without a path.
    public let publicURL: String
    private let allowsPseudo: Bool

    /// - Parameters:
    ///   - site: the clinic as it is called at this moment.
    ///   - logo: the picture of a digest, where the clinic has or had it.
    ///   - publicURL: where browsers reach this gateway, without a path: `https://portal.example.org`.
    ///   - allowsPseudo: lets `?lang=qps` choose the pseudo-language; for demo and tests.
    public init(
        _ workplace: Workplace, texts: Texts, assets: Assets, session: HostCookie, site: @escaping @Sendable () -> Site,
        logo: @escaping @Sendable (String) -> Logo? = { _ in nil }, keys: FormKeys,
        publicURL: String, allowsPseudo: Bool
    ) {
        self.workplace = workplace
        self.texts = texts
        self.assets = assets
        self.session = session
        (siteNow, self.logo) = (site, logo)
        self.keys = keys
        self.publicURL = publicURL
        self.allowsPseudo = allowsPseudo
    }

    public var site: Site { siteNow() }

    /// A frame in the language of the request, without navigation: sign-in, errors.
    public func bareFrame(_ request: Request, _ context: Context) -> Frame {
        let t = context.web.t ?? texts.wording(in: .english)
        // After a POST the other language is reached through the start page: the path may not answer a GET.
        let path = request.method == .get ? Self.pathWithoutLanguage(request) : "/"
        return Frame(
            t, site: site, workplace: workplace, stylePath: assets.style.path, iconPaths: [assets.icon.path, assets.smallIcon.path],
            scripts: [
                .autosave: assets.autosave.path, .passkey: assets.passkey.path, .countdown: assets.countdown.path, .picture: assets.picture.path,
                .calendar: assets.calendar.path, .live: assets.live.path, .call: assets.call.path,
                .device: assets.device.path, .pieces: assets.pieces.path,
            ], path: path, formKey: context.web.formKey)
    }

    /// Says which of several records somebody has chosen.
    public var record: HostCookie { HostCookie("\(workplace.rawValue)-record", sameSite: session.sameSite) }

    /// The frame of a page with which the browser forgets the chosen record: its forms belong to the session alone.
    public func frameWithoutRecord(_ request: Request, _ context: Context) -> Frame {
        var frame = bareFrame(request, context)
        if let holder = session.read(request) { frame.formKey = keys.key(for: FormKeys.binding(holder, record: nil)) }
        return frame
    }

    /// The key of the forms on a page that comes with another session cookie.
    func formKey(for cookie: String, _ request: Request) -> String {
        keys.key(for: FormKeys.binding(cookie, record: record.read(request)))
    }

    /// A router with all steps and the style sheet; pages are added to it.
    public func router() -> Router<Context> {
        let router = Router(context: Context.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestLog())
        router.add(middleware: SecurityHeaders(publicURL: publicURL))
        router.add(middleware: LanguageChoice(texts: texts, allowsPseudo: allowsPseudo))
        router.add(middleware: ErrorPages { bareFrame($0, $1) })
        router.add(middleware: SameOrigin(keys: keys, session: session, record: record, origins: [publicURL], hooks: workplace == .portal))
        for file in assets.all { router.get(RouterPath(file.path)) { _, _ in file.response() } }
        router.get(RouterPath(Manifest.path)) { _, context in
            try Manifest(of: site, icons: assets, in: context.web.t?.language ?? .english).response()
        }
        router.get("/assets/logo/:digest") { [logo] _, context in
            guard let known = logo(context.parameters.get("digest") ?? "") else { throw HTTPError(.notFound) }
            return known.response
        }
        return router
    }

    /// Path and query as they were asked for, `lang` left out.
    static func pathWithoutLanguage(_ request: Request) -> String {
        let kept = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("lang=") }
        // Two slashes at the start would lead to another host.
        let path = "/" + request.uri.path.drop { $0 == "/" }
        return kept.isEmpty ? path : "\(path)?\(kept.joined(separator: "&"))"
    }
}

/// Adds pages to a router and answers the method a path does not know with 405.
public struct PageRoutes<Context: WebContext> {
    public typealias Page = @Sendable (Request, Context) async throws -> Response
    private let router: Router<Context>
    private var methods: [String: Set<HTTPRequest.Method>] = [:]

    public init(_ router: Router<Context>) { self.router = router }

    /// A page that reads.
    public mutating func get(_ path: String, _ page: @escaping Page) { add(.get, path, page) }

    /// A file: no page, and nothing to walk through.
    public mutating func file(_ path: String, _ file: @escaping Page) { add(.get, path, file) }

    /// A form that changes something; ends in a redirect (303), or in the same page with what is wrong.
    public mutating func post(_ path: String, _ page: @escaping Page) { add(.post, path, page) }

    /// What a provider calls, under `/hooks/`: no page of ours sends it, so it has no form key. Whoever answers looks at the provider's signature.
    public mutating func hook(_ path: String, _ hook: @escaping Page) { add(.post, path, hook) }

    /// Call it last.
    public func refuseOtherMethods() {
        for (path, known) in methods {
            if !known.contains(.get) { refuse(.get, path, allowing: "POST") }
            if !known.contains(.post) { refuse(.post, path, allowing: "GET, HEAD") }
        }
    }

    private mutating func add(_ method: HTTPRequest.Method, _ path: String, _ page: @escaping Page) {
        methods[path, default: []].insert(method)
        router.on(RouterPath(path), method: method, use: page)
    }

    private func refuse(_ method: HTTPRequest.Method, _ path: String, allowing methods: String) {
        router.on(RouterPath(path), method: method) { _, _ -> Response in
            throw HTTPError(.methodNotAllowed, headers: [.allow: methods])
        }
    }
}

extension Response {
    /// "See other": what follows a form that worked, so that reloading does not send it again.
    public static func seeOther(_ path: String, cookies: [String] = []) -> Response {
        var headers: HTTPFields = [.location: path]
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        return Response(status: .seeOther, headers: headers)
    }

    /// The same, and the browser forgets a cookie with it.
    public func forgetting(_ cookie: HostCookie) -> Response {
        var response = self
        response.headers.append(HTTPField(name: .setCookie, value: cookie.forgetting))
        return response
    }

    /// The same, and the browser keeps a value until it is closed.
    public func storing(_ value: String, in cookie: HostCookie) -> Response {
        var response = self
        response.headers.append(HTTPField(name: .setCookie, value: cookie.storing(value)))
        return response
    }

    /// The same page, and the browser goes on from it: also to elsewhere, where a form is not let go.
    public func leadingOn(to address: String, after seconds: Int) -> Response {
        var response = self
        response.headers.set("Refresh", to: "\(seconds);url=\(address)")
        return response
    }

    /// What follows signing out: the cookie is gone, and so is what the browser kept of the pages.
    public static func signedOut(to path: String, forgetting session: HostCookie) -> Response {
        var response = seeOther(path, cookies: [session.forgetting])
        response.headers.set("Clear-Site-Data", to: "\"cache\", \"storage\"")
        return response
    }
}
