internal import Contracts
internal import Postgres

/// There is a statement with something on it that nobody disputes: whoever can look is told, once.
func writeOnStatementMade(_ event: StatementMade, _ tx: Transaction) async throws {
    let reader = event.payer ?? event.patient
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(reader.uuid), 'statement-made', \(event.statement.uuid), 1, \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
