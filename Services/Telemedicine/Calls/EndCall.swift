internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Ends it for both, and forgets what their browsers told each other.
    @Sendable func endCall(_ command: EndCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<EndCall> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        if row.state == .ended { return .done(view(row, for: actor)) }
        guard let next = row.state.after(.end) else { return .refused(.notNow(row.state)) }
        tx.queue(
            """
            UPDATE call SET version = version + 1, state = \(next.rawValue), ended_at = \(row.now), patient_window = NULL, clinician_window = NULL
            WHERE id = \(row.id)
            """)
        tx.queue("DELETE FROM signal WHERE call = \(row.id)")
        try tx.emit(
            VisitEnded(appointment: command.appointment, patient: command.patient, practitioner: ID(row.practitioner), state: next, at: row.now))
        return .done(try await changed(row.id, for: actor, tx))
    }
}
