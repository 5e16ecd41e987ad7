internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres

private let mostPasskeys = 10

/// Adds a passkey. What vouched for the account before stays; its owner is told by letter.
func addPasskey(_ command: AddPasskey, by actor: Actor, _ transactions: Transactions) -> LastStep<AddPasskey> {
    { tx, actor in
        let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session else { return .refused(.sessionEnded) }
        guard session.isFresh else { return .refused(.stepUp) }
        let label = command.label.trimmingCharacters(in: .whitespacesAndNewlines)
        guard (1...60).contains(label.count), let made = command.made else { return .refused(.notGood) }
        tx.queue("SELECT FROM account WHERE id = \(session.account) FOR UPDATE")
        let count = try await tx.first("SELECT count(*) FROM passkey WHERE account = \(session.account)", as: Int.self) ?? 0
        guard count < mostPasskeys else { return .refused(.tooMany) }
        let added = try await tx.run(
            """
            INSERT INTO passkey (id, account, credential, public_key, signatures, label)
            VALUES (\(UUID.v7()), \(session.account), \(made.credential), \(made.publicKey), \(made.signatures), \(label))
            ON CONFLICT (credential) DO NOTHING
            """)
        guard added == 1 else { return .refused(.taken) }
        try writeLetter(.passkeyAdded, to: session.account, in: tx)
        actor.isKnown(by: session)
        return .done(Done())
    }
}

extension AddPasskey {
    /// The passkey, if the answer is to the question.
    fileprivate var made: (credential: [UInt8], publicKey: [UInt8], signatures: Int64)? {
        guard question.isWhat(client, saysWasAsked: .making), let data = AuthenticatorData(Array(authenticator)), question.fits(data),
            let made = data.made, let key = try? P256.Signing.PublicKey(derRepresentation: publicKey)
        else { return nil }
        // What the browser made of the key is what the authenticator said.
        guard made.key.contains(key.rawRepresentation.prefix(32)), made.key.contains(key.rawRepresentation.suffix(32)) else { return nil }
        return (made.credential, Array(key.x963Representation), data.signatures)
    }
}
