internal import Contracts
internal import Postgres

/// A time is kept for somebody who waits for one, or whose visit cannot be as it is: they are told, once, and not when it is too late.
func writeOnWaitlistOffered(_ event: WaitlistOffered, _ tx: Transaction) async throws {
    let kind = event.absence == nil ? "waitlist-offered" : "visit-unkept"
    try await tx.run(
        """
        INSERT INTO letter (id, patient, kind, about, version, happened_at, good_until)
        VALUES (\(ID<Letter>().uuid), \(event.patient.uuid), \(kind), \(event.offer.uuid), 1, \(event.at), \(event.until))
        ON CONFLICT ON CONSTRAINT letter_once DO NOTHING
        """)
}
