internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Takes a passkey from the account of the one who asks. What it opened ends, but for this session.
func removePasskey(_ command: RemovePasskey, by actor: Actor, _ transactions: Transactions) -> LastStep<RemovePasskey> {
    { tx, actor in
        let session = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let session else { return .refused(.sessionEnded) }
        guard session.isFresh else { return .refused(.stepUp) }
        let removed = try await tx.run("DELETE FROM passkey WHERE id = \(command.passkey.uuid) AND account = \(session.account)")
        guard removed == 1 else { return .refused(.notEnrolled) }
        try await session.endOthers(because: .credentialsChanged, in: tx)
        try writeLetter(.passkeyRemoved, to: session.account, in: tx)
        actor.isKnown(by: session)
        return .done(Done())
    }
}
