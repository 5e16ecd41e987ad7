internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// The visit's messages are no longer on the list.
func closeUnreached(_ command: CloseUnreached, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CloseUnreached> {
    let changed = try await tx.run(
        """
        UPDATE intent SET told_at = now(), told_by = \(actor.account?.uuid)
        WHERE appointment = (SELECT appointment FROM intent WHERE id = \(command.intent.uuid) AND patient = \(command.patient.uuid))
            AND told_at IS NULL
        """)
    return changed > 0 ? .done(Done()) : .refused(.notFound)
}
