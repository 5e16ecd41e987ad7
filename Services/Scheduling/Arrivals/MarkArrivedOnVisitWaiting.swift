internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Who waits for a visit by video is here: they are not missing half an hour later, whoever keeps them waiting.
@Sendable func markArrivedOnVisitWaiting(_ event: VisitWaiting, tx: Transaction) async throws {
    let version = try await tx.first(
        """
        UPDATE appointment SET status = 'arrived', version = version + 1
        WHERE id = \(event.appointment.uuid) AND patient = \(event.patient.uuid) AND status = 'booked' RETURNING version
        """, as: Int.self)
    guard let version else { return }
    tx.queue(
        """
        INSERT INTO appointment_mark (appointment, version, old, new) VALUES (\(event.appointment.uuid), \(version), 'booked', 'arrived')
        """)
    try tx.emit(
        AppointmentStatusChanged(appointment: event.appointment, version: version, patient: event.patient, old: "booked", new: "arrived"))
    try await tx.flush()
}
