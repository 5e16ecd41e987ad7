internal import Contracts
internal import Postgres

extension Planning {
    /// Who has come, or has not, is reminded of nothing any more. What is booked again is told by its booking, what was entered in error by its end.
    func supersedeOnAppointmentStatusChanged(_ event: AppointmentStatusChanged, in tx: Transaction) async throws {
        guard event.new != "booked", event.new != "entered-in-error" else { return }
        _ = try await advance(event.appointment, to: event.version, .booked, of: event.patient, in: tx)
    }
}
