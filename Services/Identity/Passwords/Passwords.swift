internal import Crypto
internal import Foundation
internal import ServiceHost

/// Everything about passwords that the settings decide.
struct Passwords: Sendable {
    let hasher: PasswordHasher
    let rules: PasswordRules

    init(hasher: PasswordHasher, rules: PasswordRules) {
        (self.hasher, self.rules) = (hasher, rules)
    }

    init(_ settings: Settings, pepper: SymmetricKey) {
        let logN = settings.int("scrypt.log.n", "cost of a password's hash: N is two to this power", default: 17, in: 12...20)
        let path = settings.string("password.blocklist", "file with a common password a line, or none", default: "/usr/share/dict/cracklib-small")
        hasher = PasswordHasher(logN: logN, pepper: pepper)
        guard path != "none" else {
            rules = PasswordRules(common: [])
            return
        }
        let text = FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        if text.isEmpty { settings.problem("password.blocklist", "names \(path), which is missing or empty: install cracklib-runtime, or say none") }
        rules = PasswordRules(common: text.split(whereSeparator: \.isNewline).map(String.init))
    }
}
