public import Contracts
import Crypto
public import Foundation
public import Hummingbird
import HummingbirdCore
public import MessageBus
public import NIOCore
public import ServiceHost

/// What the routes of a gateway work with.
public struct GatewayParts: Sendable {
    /// What the services are waited for, all of a page's requests together: the page is with the browser within 2 s, whoever is away.
    private static let pageTime = Duration.milliseconds(1_600)
    /// Hashing a password takes its time, and there may be others before.
    private static let hashingTime = Duration.seconds(10)

    public let gateway: Gateway<GatewayContext>
    public let bus: RabbitBus
    public let sessions: SessionReader
    public let facts: ClinicFacts
    public let audience: Audience
    public let printer: PDFPrinter
    /// Tells open pages what changed.
    public let live: LiveFeed
    /// Looks at files before they are taken, where there is one.
    let scanner: VirusScanner?
    private let sourceKey: SymmetricKey
    /// Parts of documents go to records one after the other: however many send, bookings do not wait behind them.
    let uploadTurns = Turns(1)

    /// Reads the gateway's settings. Settings (all with the prefix `CHARTLINE_`): `LISTEN_HOST`, `LISTEN_PORT`, `PUBLIC_URL`, `DEMO`,
    /// `PDF_LIBRARY`, `CLAMD`.
    /// - Parameters:
    ///   - catalogues: folders of the gateway's own texts, beside this module's.
    ///   - addRoutes: the gateway's pages.
    public static func serve(
        _ service: Service, _ workplace: Workplace, catalogues: [URL], _ addRoutes: (GatewayParts, inout PageRoutes<GatewayContext>) -> Void
    ) throws {
        let host = service.settings.string("listen.host", "address browsers connect to", default: "127.0.0.1")
        let port = service.settings.port("listen.port", "port browsers connect to")
        let publicURL = service.settings.string("public.url", "where browsers reach this gateway, without a path: https://portal.example.org")
        let isDemo = service.settings.bool("demo", "true only where every record is invented: pages say so", default: false)
        let library = service.settings.string(
            "pdf.library", "the folder of the Python package weasyprint; without it nothing is to be had as PDF",
            default: "/usr/lib/python3/dist-packages/weasyprint")
        let scanner = service.settings.optionalString("clamd", "where clamd listens, a path or host:port: then no file is taken that it has not seen")
        let audience: Audience = workplace == .portal ? .portal : .clinic
        let facts = ClinicFacts(service.bus, isDemo: isDemo)
        let texts = try Texts(folders: catalogues)
        let gateway = Gateway<GatewayContext>(
            workplace, texts: texts, assets: try Assets(), session: HostCookie(audience.rawValue, sameSite: workplace == .portal ? .lax : .strict),
            site: { facts.site }, logo: { facts.logo($0) },
            keys: FormKeys(secret: service.derivedKey("forms").withUnsafeBytes { Data($0) }), publicURL: publicURL, allowsPseudo: isDemo)
        let sessions = SessionReader(service.bus, audience: audience)
        let live = LiveFeed()
        service.onEveryInstance(SessionEnded.self, missed: sessions.forgetAll) {
            sessions.forget($0.session)
            live.end($0.session)
        }
        service.onEveryInstance(ProxyChanged.self, missed: sessions.forgetAll) {
            guard let account = $0.account else { return }
            sessions.forget(account)
            live.end(account)
        }
        let parts = GatewayParts(
            gateway: gateway, bus: service.bus, sessions: sessions, facts: facts, audience: audience,
            printer: PDFPrinter(library: library, logger: service.logger), live: live,
            scanner: scanner.map { VirusScanner($0) }, sourceKey: service.derivedKey("sources"))
        let sockets = CallSockets(service.bus, sessions, session: gateway.session, publicURL: publicURL, logger: service.logger)
        service.onEveryInstance(TaskChanged.self, missed: live.endAll) {
            live.tell($0)
            sockets.wrote($0.thread)
        }
        service.onEveryInstance(CallChanged.self, missed: sockets.askAnew) { sockets.changed($0.appointment) }
        service.onEveryInstance(SignalWaits.self, missed: sockets.askAnew) { sockets.waits($0.window) }
        let router = gateway.router()
        var routes = PageRoutes(router)
        addRoutes(parts, &routes)
        routes.refuseOtherMethods()
        service.work("clinic-facts") { try await facts.keepCurrent() }
        service.work("live") { try await parts.keepAlive() }
        service.run(
            Application(
                router: router,
                server: HTTPServerBuilder { responder in
                    let pages = HTTP1Channel(responder: responder, configuration: .init(additionalChannelHandlers: [SmallReads()]))
                    return CallServer(pages: pages, sockets: sockets)
                },
                configuration: .init(address: .hostname(host, port: port), serverName: nil), logger: service.logger))
    }

    /// What stands in for the second factor where somebody wants it: kept longer than a session, and of use only with the password.
    public var device: HostCookie { HostCookie("\(audience.rawValue)-device", sameSite: gateway.session.sameSite) }

    /// The secret of a remembered device a request comes with.
    public func device(of request: Incoming) -> Data? { SessionReader.handle(device.read(request)) }

    /// A keyed hash of where a request comes from: enough to slow down who guesses, useless to find them.
    public func source(_ context: GatewayContext) -> String {
        let address = context.remoteAddress?.ipAddress ?? "unknown"
        return HMAC<SHA256>.authenticationCode(for: Data(address.utf8), using: sourceKey).prefix(16).map { String($0, radix: 16) }.joined(
            separator: "-")
    }

    /// A page for whoever asks. What goes wrong on the bus becomes the status browsers understand.
    public func open(_ page: @escaping @Sendable (Incoming, GatewayContext) async throws -> Response) -> PageRoutes<GatewayContext>.Page {
        { request, context in
            try await TraceContext.$current.withValue(TraceContext(traceparent: "00-\(context.web.trace)-0000000000000001-01")) {
                try await Deadline.$current.withValue(.now + Self.pageTime) {
                    do { return try await page(request, context) } catch let error as BusError { throw error.asStatus }
                }
            }
        }
    }

    /// A page for people who have signed in; the others are sent to do so.
    public func signedIn(
        _ page: @escaping @Sendable (Incoming, GatewayContext, Person) async throws -> Response
    ) -> PageRoutes<GatewayContext>.Page {
        open { request, context in
            let cookie = gateway.session.read(request)
            // A page that asks for itself, because something changed, keeps nobody signed in.
            let isUse = request.headers.value(of: "Chartline-Live") == nil
            switch try await sessions.state(cookie, isUse: isUse) {
            case .nobody: return await signInFirst(request, context, hadCookie: cookie != nil)
            case .unfinished(let session): return .seeOther(session.needs.path)
            case .signedIn(let person):
                try await facts.known()
                return try await page(request, context, person)
            }
        }
    }

    /// To the sign-in, and from there back to the page that was asked for, or to what was typed.
    private func signInFirst(_ request: Incoming, _ context: GatewayContext, hadCookie: Bool) async -> Response {
        let wanted = await request.method == .post ? keepDraft(request, context) : LocalPath(Gateway<GatewayContext>.pathWithoutLanguage(request))
        let query = [hadCookie ? "ended=1" : nil, wanted.map { "to=\($0.escaped)" }].compactMap(\.self).joined(separator: "&")
        return .seeOther(query.isEmpty ? "/sign-in" : "/sign-in?\(query)", cookies: hadCookie ? [gateway.session.forgetting] : [])
    }

    /// Where a sign-in goes on: to what it still needs, to the page that was asked for, or to the start.
    public func afterSignIn(_ signedIn: SignedIn, _ context: GatewayContext) -> String {
        guard let needs = signedIn.needs else { return context.destination?.text ?? "/" }
        return context.destination.map { "\(needs.path)?to=\($0.escaped)" } ?? needs.path
    }

    /// A page for whoever has this step of signing in left to do; the others are sent where they belong.
    func unfinished(
        _ step: SignInStep, _ page: @escaping @Sendable (Incoming, GatewayContext, UnfinishedSession) async throws -> Response
    ) -> PageRoutes<GatewayContext>.Page {
        open { request, context in
            switch try await sessions.state(gateway.session.read(request)) {
            case .nobody: .seeOther("/sign-in")
            case .signedIn: .seeOther("/")
            case .unfinished(let session) where session.needs != step: .seeOther(session.needs.path)
            case .unfinished(let session): try await page(request, context, session)
            }
        }
    }

    /// The secret of the session a request comes with.
    func handle(of request: Incoming) throws -> Data {
        guard let handle = SessionReader.handle(gateway.session.read(request)) else { throw HTTPError(.forbidden) }
        return handle
    }

    /// Sends a command with a password in it. That nobody is there to answer is known within a page's time, not after that of the hashing.
    public func askToHash<C: Command>(_ command: C) async throws(BusError) -> Answer<C> {
        _ = try await bus.ask(ReadClinic())
        return try await bus.request(command, as: nil, within: Self.hashingTime)
    }

    /// A form's own key: the same form sent twice is one command.
    public func submission(_ context: GatewayContext) throws -> UUID {
        guard let key = context.web.form[FormField.submission].flatMap(UUID.init(uuidString:)) else { throw HTTPError(.badRequest) }
        return key
    }
}

/// The context of both gateways' requests.
public struct GatewayContext: WebContext, RemoteAddressRequestContext {
    public var coreContext: CoreRequestContextStorage
    public var web = WebRequest()
    public let remoteAddress: SocketAddress?

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress
    }

    /// A part of the path that is an id; what is none does not exist.
    public func id<Entity>(_ name: String, of entity: Entity.Type) throws -> ID<Entity> {
        guard let id = parameters.get(name).flatMap({ ID<Entity>($0) }) else { throw HTTPError(.notFound) }
        return id
    }
}

extension BusError {
    /// What does not exist and what is not this person's to see look the same.
    public var asStatus: any HTTPResponseError {
        switch self {
        case .unavailable, .timeout: HTTPError(.serviceUnavailable)
        case .notAllowed: HTTPError(.notFound)
        case .invalid: HTTPError(.badRequest)
        case .keyReused: HTTPError(.conflict)
        case .failed: HTTPError(.internalServerError)
        case .destroyed(let date): RecordDestroyed(date: date)
        }
    }
}

extension Available {
    /// A part of a page: missing when its service is away, so that the rest can be shown.
    public init(_ read: () async throws(BusError) -> Value) async throws(BusError) {
        do { self = .here(try await read()) } catch {
            switch error {
            case .unavailable, .timeout, .failed: self = .missing
            case .notAllowed, .invalid, .keyReused, .destroyed: throw error
            }
        }
    }
}
