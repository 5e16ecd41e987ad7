public import Foundation

/// What a gateway's page asked an authenticator for, and where: the answer must be to it.
public struct PasskeyQuestion: Codable, Sendable, Equatable {
    /// 32 bytes, good for one answer.
    public var challenge: Data
    /// The gateway as browsers name it: `https://portal.example.org`.
    public var origin: String

    public init(challenge: Data, origin: String) {
        (self.challenge, self.origin) = (challenge, origin)
    }
}

/// Adds a passkey to one's own account, shortly after having proven who one is. Passkeys that do not verify their owner (a PIN, a finger, a face) are
/// refused: one stands for password and second factor together.
public struct AddPasskey: Command {
    public static let name = "identity.add-passkey.v1"
    public typealias Reply = Done
    public typealias Refusal = PasskeyRefusal

    public var audience: Audience
    public var handle: Data
    /// As its owner calls it: at most 60 characters.
    public var label: String
    public var question: PasskeyQuestion
    /// WebAuthn's authenticator data. Nobody vouches for the device: no attestation is asked for.
    public var authenticator: Data
    /// The new passkey's public key, as SubjectPublicKeyInfo.
    public var publicKey: Data
    /// WebAuthn's client data, as JSON.
    public var client: Data
    public var key: UUID

    public init(
        audience: Audience, handle: Data, label: String, question: PasskeyQuestion, authenticator: Data, publicKey: Data, client: Data, key: UUID
    ) {
        (self.audience, self.handle, self.label, self.question) = (audience, handle, label, question)
        (self.authenticator, self.publicKey, self.client, self.key) = (authenticator, publicKey, client, key)
    }
}

public enum PasskeyRefusal: String, Codable, Sendable {
    case sessionEnded, stepUp
    /// The answer is not to the question, or of a kind that is not taken.
    case notGood
    /// The account has as many as it may have.
    case tooMany
    /// It is somebody's already.
    case taken
}

/// Signs a person in by a passkey, with everything an account asks for. One refusal for every cause.
public struct SignInWithPasskey: Command {
    public static let name = "identity.sign-in-with-passkey.v1"
    public typealias Reply = SignedIn
    public typealias Refusal = SignInRefusal

    public var audience: Audience
    public var question: PasskeyQuestion
    /// The passkey's id, as the authenticator made it.
    public var credential: Data
    public var authenticator: Data
    public var client: Data
    public var signature: Data
    /// 32 random bytes made by the gateway, the new session's secret.
    public var handle: Data
    /// Keyed hash of the network address, for throttling.
    public var source: String
    public var key: UUID

    public init(
        audience: Audience, question: PasskeyQuestion, credential: Data, authenticator: Data, client: Data, signature: Data, handle: Data,
        source: String, key: UUID
    ) {
        (self.audience, self.question, self.credential, self.authenticator) = (audience, question, credential, authenticator)
        (self.client, self.signature, self.handle, self.source, self.key) = (client, signature, handle, source, key)
    }
}

/// Takes a passkey from one's own account.
public struct RemovePasskey: Command {
    public static let name = "identity.remove-passkey.v1"
    public typealias Reply = Done
    public typealias Refusal = SecurityRefusal

    public var audience: Audience
    public var handle: Data
    public var passkey: ID<Passkey>
    public var key: UUID

    public init(audience: Audience, handle: Data, passkey: ID<Passkey>, key: UUID) {
        (self.audience, self.handle, self.passkey, self.key) = (audience, handle, passkey, key)
    }
}

public struct PasskeyLine: Codable, Sendable, Equatable {
    public var passkey: ID<Passkey>
    public var label: String
    public var added: Date
    public var lastUsed: Date?
    /// The passkey's id, so that a device does not offer to add the same twice.
    public var credential: Data

    public init(passkey: ID<Passkey>, label: String, added: Date, lastUsed: Date? = nil, credential: Data) {
        (self.passkey, self.label, self.added, self.lastUsed, self.credential) = (passkey, label, added, lastUsed, credential)
    }
}
