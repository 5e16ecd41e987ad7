internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// A patient's coming visits and open holds, the soonest hundred, and the last ten before them; or one alone. Holds that lapsed are not told: they
/// were never visits.
@Sendable func readAppointments(_ query: ReadAppointments, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAppointments> {
    let which: SQL = query.only.map { "patient = \(query.patient.uuid) AND id = \($0.uuid)" } ?? "patient = \(query.patient.uuid)"
    let coming = tx.later(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE \(which) AND end_at > now() AND (status IN ('booked', 'arrived', 'checked-in')
            OR status = 'pending' AND live AND hold_until > clock_timestamp())
        ORDER BY start_at LIMIT 100
        """)
    let past = tx.later(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE \(which) AND status NOT IN ('pending', 'entered-in-error') AND reason IS DISTINCT FROM 'hold-expired'
            AND (end_at <= now() OR status NOT IN ('booked', 'arrived', 'checked-in'))
        ORDER BY start_at DESC LIMIT 10
        """)
    let ordered = tx.later(servicesByOrder(of: query.patient))
    let rows = VisitService.later(in: tx)
    try await tx.end()
    var services = try VisitService.all(rows)
    // What an order is there for a patient books as any other.
    let bookable: [String] = actor.role == .patient ? try ordered.all(as: String.self) : []
    for place in services.indices where bookable.contains(services[place].code) { services[place].rules?.mode = .direct }
    return .done(
        Appointments(coming: try AppointmentLine.all(coming), past: try AppointmentLine.all(past), services: services, asOf: Date()))
}
