internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// What a patient answered to a message about their visit: that they come is kept beside the time it was said of; that they do not cancels it.
@Sendable func respondToAppointment(
    _ command: RespondToAppointment, _ actor: Actor, _ tx: Transaction
) async throws -> Answer<RespondToAppointment> {
    let isOpen = try await tx.first(
        """
        SELECT status = 'booked' AND start_at = \(command.start) AND start_at > now() FROM appointment
        WHERE id = \(command.appointment.uuid) AND patient = \(command.patient.uuid) FOR UPDATE
        """, as: Bool.self)
    guard let isOpen else { return .refused(.notFound) }
    guard isOpen else { return .refused(.tooLate) }
    if command.accepts {
        try await tx.run("UPDATE appointment SET accepted_start = start_at WHERE id = \(command.appointment.uuid)")
        return .done(Done())
    }
    // Their own doing, whoever carries it here.
    var patient = actor
    patient.role = .patient
    switch try await cancelAppointment(
        CancelAppointment(appointment: command.appointment, patient: command.patient, key: command.key), patient, tx)
    {
    case .done: return .done(Done())
    case .refused(let refusal): return .refused(refusal)
    }
}
