internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// A patient's coming visits and open holds, and the last ten before them. Holds that lapsed are not told: they were never visits.
@Sendable func readAppointments(_ query: ReadAppointments, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAppointments> {
    let coming = try await AppointmentLine.all(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE patient = \(query.patient.uuid) AND end_at > now() AND (status IN ('booked', 'arrived', 'checked-in')
            OR status = 'pending' AND live AND hold_until > clock_timestamp())
        ORDER BY start_at LIMIT 100
        """, in: tx)
    let past = try await AppointmentLine.all(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE patient = \(query.patient.uuid) AND status NOT IN ('pending', 'entered-in-error') AND reason IS DISTINCT FROM 'hold-expired'
            AND (end_at <= now() OR status NOT IN ('booked', 'arrived', 'checked-in'))
        ORDER BY start_at DESC LIMIT 10
        """, in: tx)
    return .done(Appointments(coming: coming, past: past, services: try await VisitService.all(in: tx), asOf: Date()))
}
