internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

private let page = 200

/// Every absence that is not over, as the events say it.
@Sendable func readLeave(_ query: ReadLeave, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadLeave> {
    let rows = try await tx.all(
        """
        SELECT id, practitioner, lower(period), upper(period), location, day::text FROM absence
        WHERE (upper(period) > now() OR day >= current_date - 1) AND (\(query.after)::uuid IS NULL OR id > \(query.after))
        ORDER BY id LIMIT \(page)
        """, as: UUID.self, UUID?.self, Date?.self, Date?.self, UUID?.self, String?.self)
    return .done(
        LeaveThere(
            absences: rows.map { id, practitioner, from, until, location, day in
                LeaveChanged(
                    absence: id, practitioner: practitioner.map { ID($0) }, from: from, until: until, location: location.map { ID($0) }, day: day)
            }))
}
