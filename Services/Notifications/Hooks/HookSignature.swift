internal import Contracts
internal import Crypto
internal import Foundation

/// How Twilio signs what it tells: HMAC-SHA1 under the account's token, of the address it calls with the form's names and values behind it in the
/// order of the names, as Base64.
struct HookSignature: Sendable {
    let token: String
    /// Where the provider reaches the portal, without a path.
    let address: String

    func isGood(_ hook: SignedHook) -> Bool {
        guard let signature = Data(base64Encoded: hook.signature) else { return false }
        let key = SymmetricKey(data: Data(token.utf8))
        return HMAC<Insecure.SHA1>.isValidAuthenticationCode(signature, authenticating: Data(signed(hook).utf8), using: key)
    }

    private func signed(_ hook: SignedHook) -> String {
        let values = Dictionary(grouping: hook.fields, by: \.name).mapValues { Set($0.map(\.value)).sorted(by: Self.precedes) }
        return values.keys.sorted(by: Self.precedes).reduce(into: address + hook.path) { text, name in
            for value in values[name] ?? [] { text += name + value }
        }
    }

    /// By code points, as the provider sorts; Swift's own order knows that two spellings of a letter are the same.
    private static func precedes(_ a: String, _ b: String) -> Bool { a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) }
}
