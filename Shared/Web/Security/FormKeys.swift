import Crypto
public import Foundation

/// Makes and checks the keys that tie a form to the session it was shown to (against cross-site request forgery).
public struct FormKeys: Sendable {
    private let secret: SymmetricKey

    /// - Parameter secret: at least 32 bytes, the same in every instance of a gateway.
    public init(secret: Data) { self.secret = SymmetricKey(data: secret) }

    /// The key for forms shown to a session.
    /// - Parameter binding: what the browser holds and others do not know: the session's or the visitor's cookie.
    public func key(for binding: String) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: Self.message(binding), using: secret)).base64URL
    }

    /// Whether a key belongs to the session; takes the same time for every wrong one.
    public func isValid(_ key: String, for binding: String) -> Bool {
        guard let bytes = Data(base64URL: key) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(bytes, authenticating: Self.message(binding), using: secret)
    }

    /// What a form is bound to: whoever holds the cookie, and the record they have chosen, so that what was written for one person is not kept for
    /// another.
    static func binding(_ holder: String, record: String?) -> String { record.map { "\(holder)\u{0}\($0)" } ?? holder }

    private static func message(_ binding: String) -> Data { Data("form\u{0}\(binding)".utf8) }
}

extension Data {
    /// RFC 4648 §5, without padding.
    public var base64URL: String {
        String(
            decoding: base64EncodedData().lazy.filter { $0 != UInt8(ascii: "=") }.map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                default: byte
                }
            }, as: UTF8.self)
    }

    /// - Parameter longest: characters it may have.
    public init?(base64URL text: String, atMost longest: Int = 128) {
        guard text.utf8.count <= longest else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        let plain = (text + padding).utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        self.init(base64Encoded: Data(plain))
    }
}
