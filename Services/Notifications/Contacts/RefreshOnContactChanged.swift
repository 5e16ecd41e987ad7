internal import Contracts
internal import Postgres

/// Drops the copy of a patient somebody plans for; the refresher asks records for a new one. Patients nobody plans for have no copy.
func refreshOnContactChanged(_ event: ContactChanged, _ tx: Transaction) async throws {
    tx.queue(
        """
        UPDATE contact SET announced = \(event.version), body = NULL, ask_at = now()
        WHERE patient = \(event.patient.uuid) AND coalesce(announced, 0) < \(event.version) AND coalesce(version, 0) < \(event.version)
        """)
}
