internal import Contracts
internal import Crypto
internal import Foundation

/// What the processor tells of: which of its things changed. How that stands is asked, so that neither the order nor the number of tellings matters.
struct CardEvent: Decodable, Sendable {
    struct Content: Decodable, Sendable {
        var object: Thing
    }

    struct Thing: Decodable, Sendable {
        var id: String
        var paymentIntent: String?
        var clientReferenceId: String?
        var metadata: [String: String]?
    }

    var id: String
    var type: String
    var data: Content

    /// The payment it names, where it does.
    var payment: ID<Payment>? { (data.object.clientReferenceId ?? data.object.metadata?["payment"]).flatMap { ID($0) } }

    init?(_ payload: String) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let event = try? decoder.decode(CardEvent.self, from: Data(payload.utf8)) else { return nil }
        self = event
    }
}

/// How Stripe signs what it tells: HMAC-SHA256 of the time and the body, beside that time.
struct CardSignature {
    /// How old a signature may be, in seconds.
    static let window: TimeInterval = 300

    let time: TimeInterval
    private let codes: [Data]

    /// - Parameter header: `t=1700000000,v1=…`; several `v1` while a secret is replaced.
    init?(_ header: String) {
        var (time, codes): (TimeInterval?, [Data]) = (nil, [])
        for part in header.split(separator: ",").prefix(20) {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, let name = pair.first, let value = pair.last else { return nil }
            if name == "t" { time = Int(value).map(TimeInterval.init) }
            if name == "v1", let code = Data(hex: value) { codes.append(code) }
        }
        guard let time, !codes.isEmpty else { return nil }
        (self.time, self.codes) = (time, codes)
    }

    func isGood(_ payload: String, under secret: SymmetricKey) -> Bool {
        let signed = Data("\(Int(time)).\(payload)".utf8)
        return codes.contains { HMAC<SHA256>.isValidAuthenticationCode($0, authenticating: signed, using: secret) }
    }
}

extension Data {
    fileprivate init?(hex: String) {
        guard hex.utf8.count == 64 else { return nil }
        var (bytes, rest) = ([UInt8](), Substring(hex))
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(bytes)
    }
}
