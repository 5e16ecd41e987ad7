internal import Crypto
public import Foundation

/// How the entries of one service's trail hang together: each link is the SHA-256 of the link before it and of the entry with its MAC.
public struct TrailChain: Sendable {
    public let service: String
    /// What the first entry hangs on.
    public let start: [UInt8]

    public init(of service: String) {
        self.service = service
        start = Array(SHA256.hash(data: Array("chartline trail 1 \(service)".utf8)))
    }

    /// 32 bytes.
    public static func link(after previous: [UInt8], _ line: TrailLine, mac: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: previous)
        hash.update(data: line.bytes)
        hash.update(data: mac)
        return Array(hash.finalize())
    }

    fileprivate func statement(_ head: TrailHead) -> [UInt8] {
        Array("chartline trail head 1\n\(service)\n\(head.position)\n\(head.link.lowHex)\n\(head.microseconds)".utf8)
    }
}

/// A place in the chain that has been signed: it stands for every entry up to it.
public struct TrailHead: Sendable, Hashable {
    public var position: Int64
    public var link: [UInt8]
    public var signedAt: Date

    public init(position: Int64, link: [UInt8], signedAt: Date) {
        (self.position, self.link) = (position, link)
        self.signedAt = Date(timeIntervalSince1970: (signedAt.timeIntervalSince1970 * 1_000_000).rounded() / 1_000_000)
    }

    var microseconds: Int64 { Int64((signedAt.timeIntervalSince1970 * 1_000_000).rounded()) }
}

/// Signs heads with the service's own Ed25519 key, which is not in the database.
public struct TrailSigner: Sendable {
    private let key: Curve25519.Signing.PrivateKey
    public let chain: TrailChain

    /// - Parameter seed: 32 bytes. - Returns: nil when there are not 32.
    public init?(of service: String, seed: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
        (self.key, chain) = (key, TrailChain(of: service))
    }

    public func signature(of head: TrailHead) throws -> [UInt8] { Array(try key.signature(for: chain.statement(head))) }
    public var verifier: TrailVerifier { TrailVerifier(chain: chain, key: key.publicKey) }
}

/// Checks heads against the public half of the key.
public struct TrailVerifier: Sendable {
    public let chain: TrailChain
    private let key: Curve25519.Signing.PublicKey

    init(chain: TrailChain, key: Curve25519.Signing.PublicKey) { (self.chain, self.key) = (chain, key) }

    /// - Parameter publicKey: 32 bytes. - Returns: nil when it is no key.
    public init?(of service: String, publicKey: [UInt8]) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return nil }
        self.init(chain: TrailChain(of: service), key: key)
    }

    public func isGood(_ signature: [UInt8], of head: TrailHead) -> Bool { key.isValidSignature(signature, for: chain.statement(head)) }
}

extension Sequence<UInt8> {
    /// Hexadecimal, lower case; a trail has millions of them.
    public var lowHex: String { String(decoding: [UInt8](hexOf: self), as: UTF8.self) }
}

extension [UInt8] {
    private static let digits = Array("0123456789abcdef".utf8)

    init(hexOf bytes: some Sequence<UInt8>) {
        self = []
        reserveCapacity(64)
        appendHex(bytes)
    }

    mutating func appendHex(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            append(Self.digits[Int(byte >> 4)])
            append(Self.digits[Int(byte & 15)])
        }
    }

    /// Bytes from hexadecimal digits in lower case; nil when they are anything else.
    public init?(lowHex text: some Sequence<UInt8>) {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            let digit: UInt8
            switch character {
            case 0x30...0x39: digit = character - 0x30
            case 0x61...0x66: digit = character - 0x57
            default: return nil
            }
            if let half = high {
                bytes.append(half << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        guard high == nil else { return nil }
        self = bytes
    }
}
