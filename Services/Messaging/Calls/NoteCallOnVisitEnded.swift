internal import Contracts
internal import MessageBus
internal import Postgres

/// What comes later is a message like any other. The end may be heard of before the start.
@Sendable func noteCallOnVisitEnded(_ event: VisitEnded, tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO call_visit (appointment, patient, ended_at) VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.at))
        ON CONFLICT ON CONSTRAINT call_visit_once DO UPDATE SET ended_at = greatest(call_visit.ended_at, excluded.ended_at)
        """)
    try await tx.flush()
}
