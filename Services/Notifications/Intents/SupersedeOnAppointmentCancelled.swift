internal import Contracts
internal import Postgres

extension Planning {
    /// Withdraws what was planned and tells the patient. A hold that lapsed was never a visit, and nobody writes to the dead.
    func supersedeOnAppointmentCancelled(_ event: AppointmentCancelled, in tx: Transaction) async throws {
        guard try await advance(event.appointment, to: event.version, .cancelled, of: event.patient, in: tx) else { return }
        guard event.reason != "hold-expired", event.reason != "patient-deceased" else { return }
        try await planCancellation(event, in: tx)
    }
}
