internal import Contracts
internal import Faults
internal import Postgres

/// Drops the copy of a patient somebody plans for; the refresher asks records for a new one. Patients nobody plans for have no copy.
func refreshOnContactChanged(_ event: ContactChanged, _ tx: Transaction) async throws {
    let newerThan = Fault.versionsIgnored.isOn ? Int(Int32.max) : event.version
    tx.queue(
        """
        UPDATE contact SET announced = \(event.version), body = NULL, ask_at = now()
        WHERE patient = \(event.patient.uuid) AND coalesce(announced, 0) < \(newerThan) AND coalesce(version, 0) < \(newerThan)
        """)
}
