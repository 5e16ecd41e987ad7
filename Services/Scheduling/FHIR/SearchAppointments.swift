internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let appointmentStatuses: Set<String> = [
    "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow", "entered-in-error", "checked-in", "waitlist",
]

/// A patient's visits as FHIR R4 Appointments, page by page in the order of their starts. What was entered in error is told to staff alone.
@Sendable func searchAppointments(_ query: SearchAppointments, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SearchAppointments> {
    guard appointmentStatuses.isSuperset(of: query.statuses) else { return .refused(.unknownStatus) }
    if let from = query.from, let until = query.until, until < from { return .refused(.wrongPeriod) }
    let place = query.after.map { ID<Appointment>($0) }
    if case .some(nil) = place { return .refused(.unknownID) }
    let count = min(max(query.count, 1), 200)
    let only: SQL = query.only.map { "AND id = \($0.uuid)" } ?? ""
    let from: SQL = query.from.map { "AND start_at >= \($0)" } ?? ""
    let until: SQL = query.until.map { "AND start_at < \($0)" } ?? ""
    let statuses: SQL = query.statuses.isEmpty ? "" : "AND status = ANY (\(query.statuses))"
    let unseen: SQL = actor.role == .patient ? "AND status <> 'entered-in-error'" : ""
    let wanted: SQL = """
        patient = \(query.patient.uuid) AND reason IS DISTINCT FROM 'hold-expired'
            AND NOT (status = 'pending' AND (NOT live OR hold_until <= clock_timestamp())) \(only) \(from) \(until) \(statuses) \(unseen)
        """
    let after: SQL =
        if let id = place ?? nil {
            "AND (start_at, id) > (SELECT start_at, id FROM appointment WHERE id = \(id.uuid) AND patient = \(query.patient.uuid))"
        } else { "" }
    let page: SQL = "FROM appointment WHERE \(wanted) \(after) ORDER BY start_at, id LIMIT \(count + 1)"
    let total = tx.later("SELECT count(*) FROM appointment WHERE \(wanted)")
    let services = VisitService.later(in: tx)
    let details = tx.later(
        """
        SELECT id, changed_at, made_at, reason, ticket, accepted_start IS NOT DISTINCT FROM start_at,
            slot_id(practitioner, location, service, start_at) \(page)
        """)
    let others = tx.later(
        """
        SELECT t.appointment, r.id, r.kind, r.name FROM (SELECT id \(page)) a
        JOIN resource_time t ON t.appointment = a.id AND t.is_other JOIN resource r ON r.id = t.resource ORDER BY r.kind DESC, r.name, r.id
        """)
    let lines = try await AppointmentLine.all("SELECT \(AppointmentLine.columns) \(page)", in: tx)

    let kinds = try VisitService.all(services)
    let known = try details.all(as: UUID.self, Date.self, Date.self, String?.self, UUID?.self, Bool.self, String.self).map {
        id, changedAt, madeAt, reason, order, isAccepted, slot in
        let details = AppointmentResource.Details(
            changedAt: changedAt, madeAt: madeAt, reason: reason, order: order, isAccepted: isAccepted, slot: slot)
        return (ID<Appointment>(id), details)
    }
    let detailsOf = Dictionary(known) { first, _ in first }
    let othersOf = Dictionary(grouping: try others.all(as: UUID.self, UUID.self, String.self, String.self), by: { ID<Appointment>($0.0) })
    let found = lines.compactMap { line -> FoundResource? in
        // What another transaction has added between two of these statements is in the next search.
        guard let details = detailsOf[line.appointment] else { return nil }
        let others = (othersOf[line.appointment] ?? []).map { AppointmentResource.Other(id: $0.1, kind: $0.2, name: $0.3) }
        return AppointmentResource(line: line, details: details, others: others, service: kinds.first { $0.code == line.service }).found
    }
    return .done(found.page(of: count, total: try total.first(as: Int.self) ?? 0))
}
