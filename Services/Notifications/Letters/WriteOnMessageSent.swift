internal import Contracts
internal import Postgres

/// The clinic wrote to a patient: they are told that there is a message, once a message, and nothing of it.
func writeOnMessageSent(_ event: MessageSent, _ tx: Transaction) async throws {
    guard !event.isFromPatient else { return }
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(event.patient.uuid), 'message-waiting', \(event.message.uuid), 1, \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
