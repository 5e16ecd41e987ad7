internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Cancels the rest of a series, or all of it that is to come.
@Sendable func cancelSeries(_ command: CancelSeries, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CancelSeries> {
    Bookings.wait(for: command.patient, tx)
    let reason = actor.role == .patient ? "by-patient" : "by-clinic"
    let lines = try await AppointmentLine.all(
        """
        WITH cancelled AS (
            UPDATE appointment SET status = 'cancelled', version = version + 1, live = false, reason = \(reason)
            WHERE series = \(command.series) AND patient = \(command.patient.uuid) AND status = 'booked' AND start_at > now()
                AND (SELECT \(command.all == true) OR appointment.start_at >= f.start_at FROM appointment f
                    WHERE f.id = \(command.from.uuid) AND f.series = \(command.series))
            RETURNING *
        ), freed AS (
            DELETE FROM resource_time WHERE appointment IN (SELECT id FROM cancelled)
        )
        SELECT \(AppointmentLine.columns) FROM cancelled ORDER BY start_at
        """, in: tx)
    guard !lines.isEmpty else {
        let known = try await AppointmentLine.read(command.from, in: tx)
        return .refused(known?.patient == command.patient && known?.series == command.series ? .tooLate : .notFound)
    }
    for line in lines {
        try tx.emit(AppointmentCancelled(appointment: line.appointment, version: line.version, patient: line.patient, reason: reason))
    }
    return .done(SeriesCancelled(cancelled: lines.map(\.appointment)))
}
