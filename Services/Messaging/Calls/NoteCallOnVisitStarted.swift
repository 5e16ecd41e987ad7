internal import Contracts
internal import MessageBus
internal import Postgres

/// From now on the two may write to each other beside the call.
@Sendable func noteCallOnVisitStarted(_ event: VisitStarted, tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO call_visit (appointment, patient, started_at) VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.at))
        ON CONFLICT ON CONSTRAINT call_visit_once DO UPDATE SET started_at = greatest(call_visit.started_at, excluded.started_at)
        """)
    try await tx.flush()
}
