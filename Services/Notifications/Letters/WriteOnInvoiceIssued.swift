internal import Contracts
internal import Postgres

/// There is a bill: whoever can look is told, once.
func writeOnInvoiceIssued(_ event: InvoiceIssued, _ tx: Transaction) async throws {
    let reader = event.payer ?? event.patient
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(reader.uuid), 'invoice-issued', \(event.invoice.uuid), 1, \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
