import HTTPTypes
public import Hummingbird
import NIOCore

/// Lets a request change something only when it comes from a page of ours: same origin by the browser's word, and a form key bound to the
/// session. Reads the form on the way, so that nothing behind it parses a body.
public struct SameOrigin<Context: WebContext>: RouterMiddleware {
    private let keys: FormKeys
    private let session: HostCookie
    private let visitor: HostCookie
    private let record: HostCookie?
    private let origins: Set<String>
    private let hooks: Bool
    private let maximumBody: Int

    /// - Parameters:
    ///   - session: the gateway's session cookie; before sign-in a visitor's cookie stands in for it.
    ///   - record: says whose record was chosen, where somebody may choose; a form shown for one is not taken for another.
    ///   - origins: where the pages are served, `https://portal.example.org`; asked only of browsers that send no `Sec-Fetch-Site`.
    ///   - hooks: lets through what providers call, under `/hooks/`.
    ///   - maximumBody: bytes a form may have.
    public init(
        keys: FormKeys, session: HostCookie, record: HostCookie? = nil, origins: Set<String>, hooks: Bool = false,
        maximumBody: Int = 64 * 1024
    ) {
        self.keys = keys
        self.session = session
        visitor = HostCookie("visitor", sameSite: .lax)
        self.record = record
        self.origins = origins
        self.hooks = hooks
        self.maximumBody = maximumBody
    }

    /// - Throws: 403 for another origin or a wrong key, 400 for a body that is no form, 405, 413, 415.
    public func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        var context = context
        let known = session.read(request) ?? visitor.read(request)
        let binding = known ?? context.web.trace + WebRequest().trace
        let chosen = record?.read(request)
        context.web.formKey = keys.key(for: FormKeys.binding(binding, record: chosen))
        switch request.method {
        case .get, .head:
            var response = try await next(request, context)
            if known == nil, response.headers[.contentType]?.hasPrefix("text/html") == true {
                response.headers.append(HTTPField(name: .setCookie, value: visitor.storing(binding)))
            }
            return response
        case .post where hooks && request.uri.path.hasPrefix("/hooks/"):
            if request.headers[.contentType]?.hasPrefix("application/json") == true {
                context.web.told = String(buffer: try await request.body.collect(upTo: maximumBody))
            } else {
                (context.web.form, _) = try await form(of: request)
            }
            return try await next(request, context)
        case .post:
            guard let known, isOurs(request) else { throw HTTPError(.forbidden) }
            (context.web.form, context.web.file) = try await form(of: request)
            let isBound = context.web.form[FormField.formKey].map { keys.isValid($0, for: FormKeys.binding(known, record: chosen)) } ?? false
            guard isBound else { throw HTTPError(.forbidden) }
            return try await next(request, context)
        default:
            throw HTTPError(.methodNotAllowed, headers: [.allow: "GET, HEAD, POST"])
        }
    }

    private func isOurs(_ request: Request) -> Bool {
        if let site = request.headers.value(of: "Sec-Fetch-Site") { return site == "same-origin" }
        return request.headers[.origin].map { origins.contains($0) } ?? false
    }

    private func form(of request: Request) async throws -> (FormData, PostedFile?) {
        let type = request.headers[.contentType]?.split(separator: ";").first.map { $0.trimmed().lowercased() }
        if type == "multipart/form-data" { return try await formWithFile(of: request) }
        guard type == "application/x-www-form-urlencoded" else { throw HTTPError(.unsupportedMediaType) }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > maximumBody { throw HTTPError(.contentTooLarge) }
        let body = try await request.body.collect(upTo: maximumBody)
        guard let form = try? FormData(body.readableBytesView) else { throw HTTPError(.badRequest) }
        return (form, nil)
    }

    /// The file stays where it is until a page asks for it: nothing of it is read for who may not send it.
    private func formWithFile(of request: Request) async throws -> (FormData, PostedFile?) {
        do {
            let file = try PostedFile(request, fieldsAtMost: maximumBody)
            return (try await file.fields(), file)
        } catch let fault as PostedFile.Fault {
            throw HTTPError(fault == .tooLarge ? .contentTooLarge : .badRequest)
        } catch is FormData.Fault { throw HTTPError(.badRequest) }
    }
}
