internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Moves an account's last look forward, never back and never ahead of now.
@Sendable func seeNews(_ command: SeeNews, actor: Actor, tx: Transaction) async throws -> Answer<SeeNews> {
    let until = min(command.until, Date())
    tx.queue(
        """
        INSERT INTO last_look (account, patient, at) VALUES (\(actor.account?.uuid), \(command.patient.uuid), \(until))
        ON CONFLICT ON CONSTRAINT last_look_once DO UPDATE SET at = greatest(last_look.at, excluded.at)
        """)
    return .done(Done())
}
