import Crypto
public import Foundation

/// 32 random bytes that a browser brings back, in a cookie, a link or a form. Who is to know them again is told their digest.
public struct BrowserSecret: Sendable {
    public let bytes: Data

    public init() { bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) } }

    /// Nil of what is no secret of ours.
    public init?(_ text: String) {
        guard let bytes = Data(base64URL: text), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// As a browser has it.
    public var text: String { bytes.base64URL }
    public var digest: Data { Data(SHA256.hash(data: bytes)) }

    /// Nil of what is no secret of ours.
    public static func digest(_ text: String) -> Data? { BrowserSecret(text)?.digest }
}
