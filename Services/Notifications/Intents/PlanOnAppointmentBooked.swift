internal import Contracts
internal import Postgres

extension Planning {
    /// A booking is confirmed at once and reminded of in time.
    func planOnAppointmentBooked(_ event: AppointmentBooked, in tx: Transaction) async throws {
        let home = home(of: event.patient, in: tx)
        guard try await advance(event.appointment, to: event.version, .booked, of: event.patient, in: tx) else { return }
        try plan(event.appointment, event.version, event.patient, start: event.start, home: home, in: tx)
    }
}
