internal import Contracts
internal import Postgres

/// An instalment is due soon, or is late: whoever pays it is told, once of each.
func writeOnInstalmentNoticed(_ event: InstalmentNoticed, _ tx: Transaction) async throws {
    let reader = event.payer ?? event.patient
    let kind = event.daysLate == 0 ? "instalment-coming" : "instalment-late"
    // Of one plan each instalment has a version for each time it is told of.
    let version = event.number * 10 + event.daysLate
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at)
        VALUES (\(ID<Letter>().uuid), \(reader.uuid), \(kind), \(event.plan.uuid), \(version), \(event.at))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
