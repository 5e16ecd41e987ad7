internal import Contracts
internal import Foundation
internal import Postgres

/// The clinic wrote to a patient: they are told that there is a message, once a message, and nothing of it.
func writeOnMessageSent(_ event: MessageSent, _ tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO text_notice (id, patient, kind, about, happened_at)
        VALUES (\(UUID.v7()), \(event.patient.uuid), 'message-waiting', \(event.message.uuid), \(event.at))
        ON CONFLICT ON CONSTRAINT text_notice_once DO NOTHING
        """)
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(event.patient.uuid), 'message-waiting', \(event.message.uuid), 1, \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
