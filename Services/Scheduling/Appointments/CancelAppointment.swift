internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Gives the time back. The appointment stays, as cancelled.
@Sendable func cancelAppointment(_ command: CancelAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CancelAppointment> {
    // Who acts for a patient is a patient here: the clinic cancels until it begins.
    let cutOff: SQL =
        actor.role == .patient
        ? "status = 'pending' OR start_at - make_interval(mins => (SELECT cutoff_minutes FROM visit_service WHERE code = service)) > now()" : "true"
    let reason = actor.role == .patient ? "by-patient" : "by-clinic"
    let cancelled = try await AppointmentLine.all(
        """
        WITH cancelled AS (
            UPDATE appointment SET status = 'cancelled', version = version + 1, live = false, hold_until = NULL, reason = \(reason)
            WHERE id = \(command.appointment.uuid) AND patient = \(command.patient.uuid) AND status IN ('pending', 'booked') AND start_at > now()
                AND (\(cutOff))
            RETURNING *
        ), freed AS (
            DELETE FROM resource_time WHERE appointment IN (SELECT id FROM cancelled)
        )
        SELECT \(AppointmentLine.columns) FROM cancelled
        """, in: tx)
    guard let line = cancelled.first else {
        let known = try await AppointmentLine.read(command.appointment, in: tx)
        return .refused(known?.patient == command.patient ? .tooLate : .notFound)
    }
    try tx.emit(AppointmentCancelled(appointment: line.appointment, version: line.version, patient: line.patient, reason: reason))
    return .done(Cancelled(appointment: line.appointment, version: line.version))
}
