internal import Contracts
internal import Crypto
internal import Foundation

/// What an authenticator says (WebAuthn level 2, §6.1): for which site, with whom present, and which passkey it made if it made one.
struct AuthenticatorData {
    let site: [UInt8]
    let isPresent: Bool
    /// By a PIN, a finger or a face.
    let isVerified: Bool
    let signatures: Int64
    /// The new passkey's id, and behind it its key in the authenticator's own form.
    let made: (credential: [UInt8], key: ArraySlice<UInt8>)?

    /// - Returns: nil when it is cut off.
    init?(_ data: [UInt8]) {
        guard (37...4_096).contains(data.count) else { return nil }
        let flags = data[32]
        (site, isPresent, isVerified) = (Array(data[..<32]), flags & 0x01 != 0, flags & 0x04 != 0)
        signatures = data[33..<37].reduce(0) { $0 << 8 | Int64($1) }
        guard flags & 0x40 != 0 else {
            made = nil
            return
        }
        // The authenticator's kind (16 bytes), the length of the id (2), the id, the key.
        guard data.count > 55 else { return nil }
        let end = 55 + (Int(data[53]) << 8 | Int(data[54]))
        guard (71...1_078).contains(end), data.count > end else { return nil }
        made = (Array(data[55..<end]), data[end...])
    }
}

/// What the browser says it was asked, and where.
private struct ClientData: Decodable {
    let type: String
    let challenge: String
    let origin: String
    let crossOrigin: Bool?
}

extension PasskeyQuestion {
    enum Act: String { case making = "webauthn.create", signing = "webauthn.get" }

    /// Whether the browser was asked this, at this gateway's own page; compared in the same time whatever is wrong.
    func isWhat(_ client: Data, saysWasAsked act: Act) -> Bool {
        guard challenge.count == 32, client.count <= 4_096, let said = try? JSONDecoder().decode(ClientData.self, from: client) else { return false }
        return said.type == act.rawValue && said.challenge == challenge.passkeyText && said.origin == origin && said.crossOrigin != true
    }

    /// Whether the authenticator speaks to this gateway's site, and knows its owner.
    func fits(_ data: AuthenticatorData) -> Bool {
        guard let host = URL(string: origin)?.host() else { return false }
        return data.isPresent && data.isVerified && Data(data.site) == Data(SHA256.hash(data: Data(host.utf8)))
    }
}

extension Data {
    /// base64url without padding, as WebAuthn writes challenges.
    var passkeyText: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
