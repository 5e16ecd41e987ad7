internal import Contracts
internal import Postgres

/// A result that the patient may have read says something else now: they are told, once a version.
func writeOnResultAmended(_ event: ResultAmended, _ tx: Transaction) async throws {
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(event.patient.uuid), 'result-amended', \(event.result.uuid), \(event.version), \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
