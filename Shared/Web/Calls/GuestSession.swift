import Crypto
public import Foundation

/// What a guest's browser has instead of a session: 32 random bytes, of which the digest alone goes further.
public struct GuestSession: Sendable {
    /// As the cookie has it.
    public let text: String
    public let digest: Data

    public init() {
        let secret = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        (text, digest) = (secret.base64URL, Data(SHA256.hash(data: secret)))
    }

    /// Nil of what is no secret of ours.
    public static func digest(_ text: String) -> Data? {
        guard let bytes = Data(base64URL: text), bytes.count == 32 else { return nil }
        return Data(SHA256.hash(data: bytes))
    }
}

extension HostCookie {
    /// Sent when they come back to the page from elsewhere.
    public static let guest = HostCookie("guest", sameSite: .lax)
}
