internal import Contracts
internal import Postgres

/// A letter of identity's is to be sent.
func sendOnLetterWritten(_ event: LetterWritten, _ tx: Transaction) async throws {
    try await tx.run("INSERT INTO letter (id) VALUES (\(event.letter.uuid)) ON CONFLICT (id) DO NOTHING")
}
