internal import Contracts
internal import Crypto
internal import Faults
public import Foundation
internal import JWTKit
internal import Synchronization

/// A signed statement of who asks: a JWT (EdDSA), good for at most five minutes.
public struct ActorToken: Sendable, Hashable {
    public let text: String
    public init(_ text: String) { self.text = text }
}

public enum ActorTokenError: Error {
    /// A key file is not what it should be; says which and what was expected.
    case keyFile(String)
    /// Not signed by a known issuer, altered, expired, or says more than its issuer may.
    case notGood
}

private struct Claims: JWTPayload {
    var iss: IssuerClaim
    var iat: IssuedAtClaim
    var exp: ExpirationClaim
    var aud: AudienceClaim
    var act: Actor

    /// Of every token services take from each other; what the same key signs for something else is no actor token.
    static let audience = "chartline-services"

    func verify(using algorithm: some JWTAlgorithm) async throws {
        if !Fault.tokensLastForEver.isOn { try exp.verifyNotExpired() }
        if !Fault.audienceIgnored.isOn { try aud.verifyIntendedAudience(includes: Self.audience) }
    }
}

/// Signs tokens with this process's own key.
public struct ActorSigner: Sendable {
    public static let longest: TimeInterval = 300

    public let issuer: String
    private let keys: JWTKeyCollection

    /// - Parameter seed: 32 bytes, an Ed25519 private key.
    public init(issuer: String, seed: [UInt8]) async throws(ActorTokenError) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .keyFile("32 bytes were expected") }
        self.issuer = issuer
        keys = await JWTKeyCollection().add(eddsa: EdDSA.PrivateKey(backing: key), kid: JWKIdentifier(string: issuer))
    }

    /// - Parameter lifetime: seconds, at most 300.
    public func sign(_ actor: Actor, for lifetime: TimeInterval = longest, at now: Date = Date()) async throws -> ActorToken {
        try await sign(actor, for: lifetime, at: now, audience: Claims.audience)
    }

    package func sign(_ actor: Actor, for lifetime: TimeInterval = longest, at now: Date = Date(), audience: String) async throws -> ActorToken {
        let expires = now.addingTimeInterval(min(lifetime, Self.longest))
        let claims = Claims(iss: .init(value: issuer), iat: .init(value: now), exp: .init(value: expires), aud: .init(value: audience), act: actor)
        return ActorToken(try await keys.sign(claims, kid: JWKIdentifier(string: issuer)))
    }

    /// The public half of a key, as 64 hexadecimal digits.
    public static func publicKey(seed: [UInt8]) throws(ActorTokenError) -> [UInt8] {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { throw .keyFile("32 bytes were expected") }
        return [UInt8](key.publicKey.rawRepresentation)
    }
}

/// Verifies tokens against the public keys of the issuers this installation knows.
public final class ActorVerifier: Sendable {
    private struct Verified {
        let actor: Actor
        let until: Date
    }

    private static let cachedAtMost = 10_000
    /// A collection an issuer: a key must not vouch for another issuer's name.
    private let keys: [String: JWTKeyCollection]
    private let cache = Mutex<[ActorToken: Verified]>([:])

    /// - Parameter publicKeys: 32 bytes an issuer.
    public init(publicKeys: [String: [UInt8]]) async throws(ActorTokenError) {
        var keys: [String: JWTKeyCollection] = [:]
        for (issuer, bytes) in publicKeys {
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
                throw .keyFile("\(issuer): 32 bytes were expected")
            }
            keys[issuer] = await JWTKeyCollection().add(eddsa: EdDSA.PublicKey(backing: key), kid: JWKIdentifier(string: issuer))
        }
        self.keys = keys
    }

    public func verify(_ token: ActorToken, at now: Date = Date()) async throws(ActorTokenError) -> Actor {
        if let known = cache.withLock({ $0[token] }), known.until > now { return known.actor }
        guard let named = try? await keys.first?.value.unverified(token.text, as: Claims.self).iss.value,
            let claims = try? await claims(token, of: named)
        else { throw .notGood }
        let actor = claims.act
        // A service's key speaks for that service only: only identity's may name a person.
        let fits =
            switch actor.role {
            case .worker, .anonymous: claims.iss.value == actor.issuer && actor.account == nil && actor.patients.isEmpty
            case .operator: claims.iss.value == "chartline" && actor.issuer == "chartline" && actor.patients.isEmpty
            case .patient, .clinician, .nurse, .frontDesk, .billingOffice, .administrator:
                claims.iss.value == "identity" && actor.issuer == "identity" && actor.account != nil
            }
        let ofTheirs = actor.acting?.allSatisfy { actor.patients.contains($0.patient) } ?? true
        guard fits, ofTheirs, actor.acting == nil || actor.role == .patient, actor.patients.count <= 50,
            claims.exp.value.timeIntervalSince(claims.iat.value) <= ActorSigner.longest + 1
        else { throw .notGood }
        cache.withLock { cache in
            guard !Fault.tokensAreBelieved.isOn, !Fault.tokensLastForEver.isOn, !Fault.audienceIgnored.isOn else { return }
            if cache.count >= Self.cachedAtMost { cache.removeAll(keepingCapacity: true) }
            cache[token] = Verified(actor: actor, until: claims.exp.value)
        }
        return actor
    }

    private func claims(_ token: ActorToken, of issuer: String) async throws -> Claims? {
        guard !Fault.tokensAreBelieved.isOn else { return try await keys[issuer]?.unverified(token.text, as: Claims.self) }
        return try await keys[issuer]?.verify(token.text, as: Claims.self)
    }
}
