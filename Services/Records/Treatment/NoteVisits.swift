internal import Contracts
internal import MessageBus
internal import Postgres

// Who has a visit of a patient treats them for a while: the record keeps what it hears of visits for its decisions.

func noteVisitOnAppointmentBooked(_ event: AppointmentBooked, tx: Transaction) async throws {
    DecisionFacts.setVisit(
        event.appointment, event.version, of: event.patient, with: event.practitioner, at: event.location, start: event.start.instant, in: tx)
}

func noteVisitOnAppointmentRescheduled(_ event: AppointmentRescheduled, tx: Transaction) async throws {
    DecisionFacts.setVisit(
        event.appointment, event.version, of: event.patient, with: event.practitioner, at: event.location, start: event.start.instant, in: tx)
}

func forgetVisitOnAppointmentCancelled(_ event: AppointmentCancelled, tx: Transaction) async throws {
    DecisionFacts.forgetVisit(event.appointment, event.version, in: tx)
}
