internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let shown = 200

/// What is not over.
@Sendable func readAbsences(_ query: ReadAbsences, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadAbsences> {
    let isToCome: SQL = "(upper(b.period) > now() OR b.day >= current_date - 1)"
    let total = tx.later("SELECT count(*) FROM absence b WHERE \(isToCome)")
    let lines = try await AbsenceLine.all("\(isToCome) ORDER BY coalesce(lower(b.period), b.day), b.id LIMIT \(shown)", in: tx)
    return .done(Absences(absences: lines, total: try total.first(as: Int.self) ?? 0))
}

/// Whom an absence leaves without a clinician or a place: for clinicians and nurses, of those they treat.
func readAffected(_ query: ReadAffected, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadAffected> {
    guard let absence = try await AbsenceLine.all("b.id = \(query.id)", in: tx).first else { return .refused(.notFound) }
    let services = try await VisitService.all(in: tx)
    let lines = try await AppointmentLine.all(
        "SELECT \(AppointmentLine.columns) FROM appointment WHERE id IN (SELECT affected(\(query.id))) ORDER BY start_at, id LIMIT 500", in: tx)
    let seen = try await visible(lines, to: actor, facts, tx)
    let visits = Set(seen.map(\.appointment))
    let offers = try await OtherTime.all(of: query.id, in: tx).filter { visits.contains($0.visit) }
    return .done(AffectedVisits(absence: absence, appointments: seen, services: services, asOf: Date(), offers: offers))
}
