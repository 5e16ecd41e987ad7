internal import Contracts
internal import Postgres

extension Planning {
    /// What was planned for the old time is withdrawn; the new time is confirmed and reminded of.
    func supersedeOnAppointmentRescheduled(_ event: AppointmentRescheduled, in tx: Transaction) async throws {
        let home = home(of: event.patient, in: tx)
        guard try await advance(event.appointment, to: event.version, .booked, of: event.patient, in: tx) else { return }
        try plan(event.appointment, event.version, event.patient, start: event.start, home: home, in: tx)
    }
}
