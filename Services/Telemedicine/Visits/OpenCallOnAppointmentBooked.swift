internal import Contracts
internal import MessageBus
internal import Postgres

/// Any visit may be one by video: what kind it is, scheduling is asked.
@Sendable func openCallOnAppointmentBooked(_ event: AppointmentBooked, tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO call (id, patient, practitioner, location, appointment_version, start_at, end_at, zone, ask_at)
        VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.practitioner.uuid), \(event.location.uuid), \(event.version),
            \(event.start.instant), \(event.end.instant), \(event.start.zone), now())
        ON CONFLICT ON CONSTRAINT call_once DO UPDATE SET practitioner = excluded.practitioner, location = excluded.location,
            start_at = excluded.start_at, end_at = excluded.end_at, zone = excluded.zone,
            appointment_version = excluded.appointment_version, ask_at = now(),
            version = call.version + 1, state = CASE WHEN call.state = 'cancelled' THEN 'scheduled' ELSE call.state END
        WHERE call.appointment_version < excluded.appointment_version
        """)
    try await tx.flush()
}
