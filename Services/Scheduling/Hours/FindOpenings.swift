internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension Bookings {
    /// Free times, computed from the hours: none is stored, so none can be out of date.
    @Sendable func findOpenings(_ query: FindOpenings, _ actor: Actor, _ tx: Transaction) async throws -> Answer<FindOpenings> {
        let limit = min(max(query.limit, 1), 1_000)
        let days = min(max(query.days, 1), 92)
        let day = query.fromDay.map(LocalDay.init)
        let seen: SQL =
            actor.role == .patient ? "EXISTS (SELECT FROM visit_service WHERE code = \(query.service) AND mode <> 'off')" : "true"
        var found: [Opening] = []
        // A day that is not in the calendar has no times.
        if day != .some(nil) {
            found = try await openings(
                """
                SELECT \(Opening.columns)
                FROM openings(\(query.service), \(query.practitioner?.uuid), \(query.location?.uuid), \(day??.text)::date, \(days)::int,
                    \(horizonDays)::int) o
                WHERE \(seen) ORDER BY o.start_at, o.practitioner, o.location LIMIT \(limit + 1)
                """, of: query.service, in: tx)
        }
        let more = found.count > limit
        return .done(Openings(openings: more ? Array(found.dropLast()) : found, services: try await VisitService.all(in: tx), more: more))
    }

    /// Rows of `Opening.columns` as openings.
    func openings(_ sql: SQL, of service: String, in tx: Transaction) async throws -> [Opening] {
        let rows = try await tx.all(
            sql, as: UUID.self, UUID.self, String.self, Date.self, String.self, Date.self, String.self)
        return rows.map { practitioner, location, zone, start, localStart, end, localEnd in
            Opening(
                practitioner: ID(practitioner), location: ID(location), service: service,
                start: ZonedTime(start, local: localStart, zone: zone), end: ZonedTime(end, local: localEnd, zone: zone))
        }
    }
}

extension Opening {
    /// Of a row `o` of the SQL function `openings`.
    static let columns: SQL = """
        o.practitioner, o.location, o.zone, o.start_at, to_char(o.wall, 'YYYY-MM-DD"T"HH24:MI'),
            o.end_at, to_char(o.end_at AT TIME ZONE o.zone, 'YYYY-MM-DD"T"HH24:MI')
        """
}
