internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Who waits for a visit that was moved waits no longer, and is told.
@Sendable func moveCallOnAppointmentRescheduled(_ event: AppointmentRescheduled, tx: Transaction) async throws {
    let found = try await tx.first(
        "SELECT version, appointment_version, state FROM call WHERE id = \(event.appointment.uuid) FOR UPDATE", as: Int.self, Int.self, String.self)
    guard let (version, known, text) = found, let state = CallState(rawValue: text) else {
        // The booking comes later, and is older than this.
        tx.queue(
            """
            INSERT INTO call (id, patient, practitioner, location, appointment_version, start_at, end_at, zone, ask_at)
            VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.practitioner.uuid), \(event.location.uuid), \(event.version),
                \(event.start.instant), \(event.end.instant), \(event.start.zone), now())
            """)
        return try await tx.flush()
    }
    guard known < event.version else { return }
    // A visit nobody came to can be moved; so it is one again.
    let next = state.after(.move) ?? (state == .missedPatient || state == .missedClinician ? .scheduled : state)
    tx.queue(
        """
        UPDATE call SET version = version + 1, appointment_version = \(event.version), practitioner = \(event.practitioner.uuid),
            location = \(event.location.uuid), start_at = \(event.start.instant), end_at = \(event.end.instant), zone = \(event.start.zone),
            state = \(next.rawValue), late_choice = NULL,
            waiting_since = CASE WHEN \(next == .scheduled) THEN NULL ELSE waiting_since END
        WHERE id = \(event.appointment.uuid)
        """)
    try tx.emit(CallChanged(appointment: event.appointment, version: version + 1, patient: event.patient, state: next))
    try await tx.flush()
}
