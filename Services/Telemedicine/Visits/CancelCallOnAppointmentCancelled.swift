internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Who waits for it is told at once.
@Sendable func cancelCallOnAppointmentCancelled(_ event: AppointmentCancelled, tx: Transaction) async throws {
    let cancelled = try await tx.first(
        """
        INSERT INTO call (id, patient, appointment_version, state) VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.version),
            'cancelled')
        ON CONFLICT ON CONSTRAINT call_once DO UPDATE SET version = call.version + 1, appointment_version = excluded.appointment_version,
            state = 'cancelled', ask_at = NULL, patient_window = NULL, clinician_window = NULL
        WHERE call.appointment_version < excluded.appointment_version
            AND call.state IN ('scheduled', 'waiting', 'admitted', 'live', 'reconnecting')
        RETURNING version
        """, as: Int.self)
    guard let version = cancelled else { return }
    tx.queue("DELETE FROM signal WHERE call = \(event.appointment.uuid)")
    tx.queue(GuestRow.sendAway(event.appointment.uuid))
    try tx.emit(CallChanged(appointment: event.appointment, version: version, patient: event.patient, state: .cancelled))
    try await tx.flush()
}
