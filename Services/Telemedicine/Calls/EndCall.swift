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
        try row.end(as: next, tx)
        return .done(try await changed(row.id, for: actor, tx))
    }
}

extension CallRow {
    /// Nobody has a window of it any more, and nothing is kept of what the browsers told each other.
    func end(as state: CallState, _ tx: Transaction) throws {
        tx.queue(
            """
            UPDATE call SET version = version + 1, state = \(state.rawValue), ended_at = \(now), patient_window = NULL, clinician_window = NULL
            WHERE id = \(id)
            """)
        tx.queue("DELETE FROM signal WHERE call = \(id)")
        tx.queue(GuestRow.sendAway(id))
        try tx.emit(VisitEnded(appointment: ID(id), patient: ID(patient), practitioner: ID(practitioner), state: state, at: now))
    }
}
