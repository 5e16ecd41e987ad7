internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// The other side's messages were shown to whoever asks.
@Sendable func markRead(_ command: MarkRead, _ actor: Actor, _ tx: Transaction) async throws -> Answer<MarkRead> {
    try await tx.run(
        """
        UPDATE message SET read_at = clock_timestamp(), read_by = \(actor.practitioner?.uuid)
        WHERE thread = (SELECT t.id FROM thread t
                WHERE t.id = \(command.thread.uuid) AND t.patient = \(command.patient.uuid) AND \(ThreadRow.isVisible(to: actor)))
            AND from_patient <> \(actor.isPatientSide) AND at <= \(command.until) AND read_at IS NULL AND retracted_at IS NULL
        """)
    return .done(Done())
}
