internal import Contracts
internal import MessageBus
internal import Postgres

/// Who has a visit of a patient treats them for a while.
func noteVisitOnAppointmentBooked(_ event: AppointmentBooked, tx: Transaction) async throws {
    DecisionFacts.setVisit(
        event.appointment, event.version, of: event.patient, with: event.practitioner, at: event.location, start: event.start.instant, in: tx)
}
