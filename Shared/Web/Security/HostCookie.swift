public import Hummingbird

/// A cookie of this host only: `__Host-` prefix, Secure, HttpOnly, whole path, no domain.
///
/// Over plain HTTP Chromium takes such a cookie from `localhost` and `127.0.0.1` (tried with 156), and from no other host.
public struct HostCookie: Sendable {
    public enum SameSite: String, Sendable {
        /// Sent when a link from elsewhere is followed, as from our e-mails.
        case lax = "Lax"
        /// Never sent from elsewhere.
        case strict = "Strict"
    }

    /// With its prefix.
    public let name: String
    public let sameSite: SameSite

    /// - Parameter name: without the prefix: `portal` becomes `__Host-portal`.
    public init(_ name: String, sameSite: SameSite) {
        self.name = "__Host-\(name)"
        self.sameSite = sameSite
    }

    /// The value a browser sent; nil when there is none, or more than one, or it is longer than 256 bytes.
    public func read(_ request: Request) -> String? { read(request.headers[values: .cookie]) }

    /// - Parameter headers: `Cookie` as it came.
    func read(_ headers: [String]) -> String? {
        var found: String?
        for header in headers {
            for pair in header.split(separator: ";") {
                let pair = pair.trimmed()
                guard pair.hasPrefix(name), pair.dropFirst(name.count).first == "=" else { continue }
                guard found == nil else { return nil }
                found = String(pair.dropFirst(name.count + 1))
            }
        }
        return found.flatMap { (1...256).contains($0.utf8.count) ? $0 : nil }
    }

    /// The `Set-Cookie` value that stores something.
    /// - Parameters:
    ///   - value: letters, digits, `-`, `_`, `.` only.
    ///   - seconds: how long it is kept; nil until the browser closes.
    public func storing(_ value: String, for seconds: Int? = nil) -> String {
        "\(name)=\(value); Path=/; Secure; HttpOnly; SameSite=\(sameSite.rawValue)" + (seconds.map { "; Max-Age=\($0)" } ?? "")
    }

    /// The `Set-Cookie` value that forgets it.
    public var forgetting: String { storing("", for: 0) }
}
