internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// The visits of a local day, cancelled ones too; holds that lapsed are left out.
///
/// Clinicians and nurses see the visits of those they treat; a nurse treats whoever comes to the place they work at.
func readDay(_ query: ReadDay, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadDay> {
    let day = query.day.map(LocalDay.init)
    let services = try await VisitService.all(in: tx)
    // A day that is not in the calendar has no visits.
    if case .some(nil) = day { return .done(DayOfAppointments(day: query.day ?? "", appointments: [], services: services, asOf: Date())) }
    let text = day??.text
    // Today is each place's own; the earliest of them names the answer.
    let shown = try await tx.first(
        """
        SELECT coalesce(\(text)::date, (SELECT min((now() AT TIME ZONE zone)::date) FROM publication WHERE NOT isempty(valid)),
            (now() AT TIME ZONE 'UTC')::date)::text
        """, as: String.self)
    let lines = try await AppointmentLine.all(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE day BETWEEN coalesce(\(text)::date, (now() AT TIME ZONE 'UTC')::date - 1)
            AND coalesce(\(text)::date, (now() AT TIME ZONE 'UTC')::date + 1)
            AND day = coalesce(\(text)::date, (now() AT TIME ZONE zone)::date)
            AND (\(query.location?.uuid)::uuid IS NULL OR location = \(query.location?.uuid))
            AND reason IS DISTINCT FROM 'hold-expired' AND NOT (status = 'pending' AND (NOT live OR hold_until <= clock_timestamp()))
        ORDER BY start_at, practitioner, id LIMIT 2000
        """, in: tx)
    let visible = try await visible(lines, to: actor, facts, tx)
    return .done(DayOfAppointments(day: shown ?? "", appointments: visible, services: services, asOf: Date()))
}

/// Those of them the asker may know of.
func visible(_ lines: [AppointmentLine], to actor: Actor, _ facts: FactsReader, _ tx: Transaction) async throws -> [AppointmentLine] {
    guard !lines.isEmpty, !Fault.listsHoldAll.isOn else { return lines }
    let patients = Set(lines.map(\.patient.uuid))
    let reading = facts.read(of: "SELECT unnest(\(Array(patients)))", for: actor, in: tx)
    try await tx.flush()
    let known = try reading.facts()
    return lines.filter { actor.decide(on: .schedule, of: $0.patient, known[$0.patient] ?? AccessFacts()).isAllowed }
}
