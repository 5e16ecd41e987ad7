internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Ends the session of a handle, if there is one: signing out twice is signing out.
func signOut(_ command: SignOut, by actor: Actor, _ transactions: Transactions) -> LastStep<SignOut> {
    { tx, actor in
        guard actor.issuer == command.audience.rawValue else { return .done(Done()) }
        let ended = try await tx.first(
            """
            UPDATE session SET ended_at = now(), ended = 'signed-out'
            WHERE handle_hash = \(Sessions.hash(of: command.handle)) AND audience = \(command.audience.rawValue) AND ended_at IS NULL
            RETURNING id, account
            """, as: UUID.self, UUID.self)
        guard let (session, account) = ended else { return .done(Done()) }
        tx.queue("DELETE FROM draft WHERE account = \(account) AND audience = \(command.audience.rawValue)")
        (actor.account, actor.session) = (ID(account), ID(session))
        try tx.emit(SessionEnded(session: ID(session), reason: "signed-out"))
        return .done(Done())
    }
}
