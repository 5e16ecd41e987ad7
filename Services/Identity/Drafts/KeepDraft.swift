internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import Sealing

extension Drafts {
    /// Keeps what came from a session that ran out, for whoever it was. From any other there is nothing to keep: who signed out has left nothing.
    func keepDraft(_ command: KeepDraft, by actor: Actor, _ transactions: Transactions) -> LastStep<KeepDraft> {
        { tx, actor in
            let row = try await tx.first(
                """
                SELECT s.id, a.id, a.patient FROM session s JOIN account a ON a.id = s.account
                WHERE s.handle_hash = \(Sessions.hash(of: command.handle)) AND s.audience = \(command.audience.rawValue)
                    AND s.audience = \(actor.issuer) AND a.state = 'active' AND (s.ended_at IS NULL OR s.ended = 'expired')
                    AND s.expires_idle BETWEEN now() - interval '12 hours' AND now()
                """, as: UUID.self, UUID.self, UUID?.self)
            guard let (session, account, patient) = row else { return .done(Done()) }
            let id = UUID.v7()
            // Of a record that was destroyed nothing is kept any more.
            if let patient, sealer.store.destroyed(patient) != nil { return .done(Done()) }
            let body = try sealed(command.draft, of: patient, row: id)
            tx.queue("DELETE FROM draft WHERE account = \(account) AND audience = \(command.audience.rawValue)")
            tx.queue("INSERT INTO draft (id, account, audience, body) VALUES (\(id), \(account), \(command.audience.rawValue), \(body))")
            (actor.account, actor.session) = (ID(account), ID(session))
            return .done(Done())
        }
    }
}
