internal import Contracts
internal import MessageBus
internal import Postgres

/// A visit that is cancelled makes nobody treat the patient.
func forgetVisitOnAppointmentCancelled(_ event: AppointmentCancelled, tx: Transaction) async throws {
    DecisionFacts.forgetVisit(event.appointment, event.version, in: tx)
}
