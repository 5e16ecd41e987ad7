internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// The visit's messages, or the letter, are no longer on the list.
func closeUnreached(_ command: CloseUnreached, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CloseUnreached> {
    let changed = try await tx.run(
        """
        UPDATE intent SET told_at = now(), told_by = \(actor.account?.uuid)
        WHERE appointment = (SELECT appointment FROM intent WHERE id = \(command.intent.uuid) AND patient = \(command.patient.uuid))
            AND told_at IS NULL
        """)
    if changed > 0 { return .done(Done()) }
    let letters = try await tx.run(
        """
        UPDATE letter SET told_at = now(), told_by = \(actor.account?.uuid)
        WHERE id = \(command.intent.uuid) AND patient = \(command.patient.uuid) AND told_at IS NULL
        """)
    return letters > 0 ? .done(Done()) : .refused(.notFound)
}
