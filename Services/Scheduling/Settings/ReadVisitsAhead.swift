internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let visitsShown = 5

/// Booked visits at a place from now on: they keep their instants, whatever clocks it goes by.
@Sendable func readVisitsAhead(_ query: ReadVisitsAhead, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadVisitsAhead> {
    let rows = try await tx.all(
        """
        SELECT count(*) OVER (), start_at, to_char(wall_start, 'YYYY-MM-DD"T"HH24:MI'), zone, service FROM appointment
        WHERE location = \(query.location.uuid) AND day >= current_date - 1 AND start_at > now() AND status IN ('booked', 'arrived', 'checked-in')
        ORDER BY start_at, id LIMIT \(visitsShown)
        """, as: Int.self, Date.self, String.self, String.self, String.self)
    return .done(
        VisitsAhead(
            count: rows.first?.0 ?? 0,
            first: rows.map { _, start, local, zone, service in OutsideVisit(start: ZonedTime(start, local: local, zone: zone), service: service) }))
}
