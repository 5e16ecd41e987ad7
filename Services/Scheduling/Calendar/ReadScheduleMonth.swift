internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let shown = 200

/// Whoever answers for the desk sees each visit that was booked over others, with why, and how often somebody who waited was served.
@Sendable func readScheduleMonth(_ query: ReadScheduleMonth, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadScheduleMonth> {
    let services = VisitService.later(in: tx)
    // A month that is not in the calendar has no days.
    let first = LocalDay("\(query.month)-01")?.text ?? "infinity"
    let inMonth: SQL = "day >= \(first)::date AND day < \(first)::date + interval '1 month'"
    let outcomes = tx.later(
        """
        SELECT count(*) FILTER (WHERE o.outcome = 'taken'), count(*) FILTER (WHERE o.outcome = 'declined'),
            count(*) FILTER (WHERE o.outcome = 'lapsed')
        FROM appointment JOIN offer o ON o.offer = id WHERE \(inMonth)
        """)
    let over: SQL = "FROM appointment WHERE override_reason IS NOT NULL AND \(inMonth)"
    let total = tx.later("SELECT count(*) \(over)")
    let reasons = tx.later("SELECT id, override_reason \(over) ORDER BY start_at, id LIMIT \(shown)")
    let visits = try await AppointmentLine.all("SELECT \(AppointmentLine.columns) \(over) ORDER BY start_at, id LIMIT \(shown)", in: tx)
    let why = Dictionary(try reasons.all(as: UUID.self, String.self)) { first, _ in first }
    let offers = try outcomes.all(as: Int.self, Int.self, Int.self).map { OfferOutcomes(taken: $0, declined: $1, lapsed: $2) }.first
    return .done(
        ScheduleMonth(
            overrides: visits.map { Override(visit: $0, reason: why[$0.appointment.uuid] ?? "") }, total: try total.first(as: Int.self) ?? 0,
            services: try VisitService.all(services), offers: offers ?? OfferOutcomes(taken: 0, declined: 0, lapsed: 0)))
}
