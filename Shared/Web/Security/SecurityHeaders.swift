public import HTTPTypes
public import Hummingbird

/// The headers every answer carries, pages of errors too.
public struct SecurityHeaders<Context: RequestContext>: RouterMiddleware {
    private let isHTTPS: Bool

    /// - Parameter publicURL: where browsers reach this gateway; HSTS is sent when it begins with https.
    public init(publicURL: String) { isHTTPS = publicURL.lowercased().hasPrefix("https://") }

    public func handle(_ request: Request, context: Context, next: (Request, Context) async throws -> Response) async throws -> Response {
        var response = try await next(request, context)
        // A file that somebody sent comes with a stricter one.
        if response.headers[.contentSecurityPolicy] == nil { response.headers[.contentSecurityPolicy] = Self.policy }
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers.set("Referrer-Policy", to: "same-origin")
        response.headers.set("Cross-Origin-Opener-Policy", to: "same-origin")
        response.headers[.crossOriginResourcePolicy] = "same-origin"
        // A page of a call asks for camera and microphone.
        if response.headers.value(of: "Permissions-Policy") == nil {
            response.headers.set("Permissions-Policy", to: "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
        }
        if isHTTPS { response.headers[.strictTransportSecurity] = "max-age=31536000; includeSubDomains" }
        // Pages show health information: no cache keeps one unless an asset says otherwise.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }

    private static var policy: String {
        """
        default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; \
        form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'
        """
    }
}

extension HTTPFields {
    /// Sets a field by its name on the wire; for the names the HTTP library has no constant for.
    mutating func set(_ name: String, to value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }

    /// The value of a field by its name on the wire.
    public func value(of name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }
}
