internal import Contracts
internal import Crypto
internal import Foundation
internal import ServiceHost

/// The TURN server (all with the prefix `CHARTLINE_`): `TURN_URLS`, `TURN_SECRET_FILE`. Without the first, browsers that cannot reach each other do
/// not meet.
struct RelayServer: Sendable {
    /// Seconds that credentials are good for.
    private static let lasts = 600

    let urls: [String]
    private let secret: SymmetricKey

    init(urls: [String], secret: String) { (self.urls, self.secret) = (urls, SymmetricKey(data: Data(secret.utf8))) }

    init?(_ settings: Settings) {
        let urls = settings.optionalString(
            "turn.urls", "addresses of the TURN server as browsers name them, with commas between; none is used without it")
        let secret = settings.optionalSecret("turn.secret.file", "file with the secret that the TURN server knows (use-auth-secret)")
        guard let urls else { return nil }
        let named = urls.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        guard !named.isEmpty, named.allSatisfy({ $0.hasPrefix("turn:") || $0.hasPrefix("turns:") }) else {
            settings.problem("turn.urls", "does not begin with turn: or turns:")
            return nil
        }
        guard let secret else {
            settings.problem("turn.urls", "needs TURN_SECRET_FILE with it")
            return nil
        }
        self.init(urls: named, secret: secret)
    }

    /// As coturn's REST API has it: the end of their time and a name, signed. The name is the window's, so that quotas are its own.
    func credentials(for window: UUID, at now: Date) -> CallRelay {
        let expires = Int(now.timeIntervalSince1970) + Self.lasts
        let username = "\(expires):\(window.uuidString.lowercased())"
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(username.utf8), using: secret)
        return CallRelay(urls: urls, username: username, credential: Data(code).base64EncodedString())
    }
}
