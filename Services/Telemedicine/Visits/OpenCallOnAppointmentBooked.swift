internal import Contracts
internal import MessageBus
internal import Postgres

extension VideoKinds {
    /// Every visit has a row, by which whoever has one treats the patient; what kind it is, scheduling is asked where the booking does not say.
    @Sendable func openCallOnAppointmentBooked(_ event: AppointmentBooked, tx: Transaction) async throws {
        let isVideo = event.service.map(contains)
        tx.queue(
            """
            INSERT INTO call (id, patient, practitioner, location, appointment_version, start_at, end_at, zone, is_video, ask_at)
            VALUES (\(event.appointment.uuid), \(event.patient.uuid), \(event.practitioner.uuid), \(event.location.uuid), \(event.version),
                \(event.start.instant), \(event.end.instant), \(event.start.zone), \(isVideo), CASE WHEN \(isVideo) IS NULL THEN now() END)
            ON CONFLICT ON CONSTRAINT call_once DO UPDATE SET practitioner = excluded.practitioner, location = excluded.location,
                start_at = excluded.start_at, end_at = excluded.end_at, zone = excluded.zone,
                appointment_version = excluded.appointment_version, is_video = coalesce(excluded.is_video, call.is_video), ask_at = excluded.ask_at,
                version = call.version + 1, state = CASE WHEN call.state = 'cancelled' THEN 'scheduled' ELSE call.state END
            WHERE call.appointment_version < excluded.appointment_version
            """)
        try await tx.flush()
    }
}
