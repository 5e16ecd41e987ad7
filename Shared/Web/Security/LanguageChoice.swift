import HTTPTypes
public import Hummingbird

/// Chooses the language of the answer: `?lang=` (kept in a cookie), else that cookie, else what the browser prefers.
///
/// A signed-in person's own preference is laid over it by the gateway.
public struct LanguageChoice<Context: WebContext>: RouterMiddleware {
    private let texts: Texts
    private let allowsPseudo: Bool
    private static var cookie: HostCookie { HostCookie("language", sameSite: .lax) }

    /// - Parameter allowsPseudo: lets `?lang=qps` choose the pseudo-language; for demo and tests.
    public init(texts: Texts, allowsPseudo: Bool) {
        self.texts = texts
        self.allowsPseudo = allowsPseudo
    }

    public func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        let asked = request.uri.queryParameters["lang"].flatMap { known(String($0)) }
        let language =
            asked ?? Self.cookie.read(request).flatMap(known) ?? Language.preferred(acceptLanguage: request.headers[.acceptLanguage])
        var context = context
        context.web.t = texts.wording(in: language)
        var response = try await next(request, context)
        response.headers[.contentLanguage] = language.tag
        if asked != nil {
            response.headers.append(HTTPField(name: .setCookie, value: Self.cookie.storing(language.rawValue, for: 31_536_000)))
        }
        return response
    }

    private func known(_ tag: String) -> Language? {
        guard let language = Language(rawValue: tag), allowsPseudo || Language.offered.contains(language) else { return nil }
        return language
    }
}
