internal import Contracts
internal import MessageBus
internal import Postgres

/// The while moves with the visit, and so does who treats them.
func noteVisitOnAppointmentRescheduled(_ event: AppointmentRescheduled, tx: Transaction) async throws {
    DecisionFacts.setVisit(
        event.appointment, event.version, of: event.patient, with: event.practitioner, at: event.location, start: event.start.instant, in: tx)
}
