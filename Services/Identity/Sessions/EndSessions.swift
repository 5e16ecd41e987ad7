internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Ends other sessions of the same account. Whose session a name is decides the account of the one who asks: a stranger's stays as it is.
func endSessions(_ command: EndSessions, by actor: Actor, _ transactions: Transactions) -> LastStep<EndSessions> {
    { tx, actor in
        let found = try await OpenSession.findWhole(command.handle, at: command.audience, by: actor.issuer, in: tx)
        guard let found else { return .refused(.sessionEnded) }
        if let one = command.session {
            let ended = try await tx.first(
                """
                UPDATE session SET ended_at = now(), ended = \(EndReason.endedByOwner.rawValue)
                WHERE id = \(one.uuid) AND account = \(found.account) AND ended_at IS NULL RETURNING id
                """, as: UUID.self)
            if ended != nil { try tx.emit(SessionEnded(session: one, reason: EndReason.endedByOwner.rawValue)) }
        } else {
            try await found.endOthers(because: .endedByOwner, in: tx)
        }
        actor.isKnown(by: found)
        return .done(Done())
    }
}
