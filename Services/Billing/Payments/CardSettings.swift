internal import Crypto
internal import Foundation
internal import ServiceHost

/// Where cards are taken (all with the prefix `CHARTLINE_`): `CARDS_URL`, `CARDS_KEY_FILE`, `CARDS_HOOK_SECRET_FILE`, `PORTAL_URL`. Without the first
/// none are.
struct CardSettings: Sendable {
    /// `https://api.stripe.com`, without a path.
    var url: String
    var key: String
    /// What the processor signs with, under which it tells the portal at `/hooks/cards`.
    var hookSecret: SymmetricKey
    /// Where people come back to.
    var portal: String
    var timeout = Duration.seconds(15)

    init(url: String, key: String, hookSecret: String, portal: String) {
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.key = key
        self.hookSecret = SymmetricKey(data: Data(hookSecret.utf8))
        self.portal = portal
    }

    init?(_ settings: Settings) {
        let url = settings.optionalString("cards.url", "address of the card processor's API, Stripe's or one like it; no cards are taken without it")
        let key = settings.optionalSecret("cards.key.file", "file with the secret key for that API")
        let secret = settings.optionalSecret("cards.hook.secret.file", "file with the secret that signs its webhooks to the portal's /hooks/cards")
        let portal = settings.optionalString("portal.url", "address of the portal, where people come back to from the processor's page")
        guard let url else { return nil }
        // In clear to nobody but this machine, where the demo's processor is.
        guard ["https://", "http://127.0.0.1:", "http://localhost:"].contains(where: url.hasPrefix) else {
            settings.problem("cards.url", "does not begin with https://")
            return nil
        }
        guard let key, let secret, let portal else {
            settings.problem("cards.url", "needs CARDS_KEY_FILE, CARDS_HOOK_SECRET_FILE and PORTAL_URL with it")
            return nil
        }
        self.init(url: url, key: key, hookSecret: secret, portal: portal)
    }
}
