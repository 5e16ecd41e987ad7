internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let movedShown = 100

/// Goes through the days to come, zone by zone, and through the visits that are booked.
@Sendable func rehearseClockChanges(
    _ query: RehearseClockChanges, _ actor: Actor, _ tx: Transaction
) async throws -> Answer<RehearseClockChanges> {
    let days = min(max(query.days, 1), 1_000)
    let zones = try await tx.all("SELECT zone FROM (\(zonesInUse)) z ORDER BY zone", as: String.self)
    let changes = try await changes(days, tx)
    let moved = try await tx.all(
        """
        SELECT count(*) OVER (), id, start_at, to_char(wall_start, 'YYYY-MM-DD"T"HH24:MI'), zone,
            to_char(start_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI')
        FROM appointment
        WHERE status = 'booked' AND end_at > now() AND start_at AT TIME ZONE zone <> wall_start
        ORDER BY start_at, id LIMIT \(movedShown)
        """, as: Int.self, UUID.self, Date.self, String.self, String.self, String.self)
    // Around each change alone: on all other days a day is as the one before.
    let overlaps = try await tx.first(
        """
        SELECT count(*) FROM (
            SELECT o.end_at > lead(o.start_at) OVER (PARTITION BY v.code, o.practitioner, o.location ORDER BY o.start_at) AS runs_on
            FROM unnest(\(Array(Set(changes.map(\.day))).sorted())) AS c (day)
            CROSS JOIN visit_service v CROSS JOIN LATERAL offered(v.code, NULL, NULL, c.day::date, 1) o) times
        WHERE runs_on
        """, as: Int.self)
    return .done(
        ClockRehearsal(
            zones: zones, changes: changes,
            moved: moved.map { _, id, start, local, zone, shown in
                MovedVisit(appointment: ID(id), start: ZonedTime(start, local: local, zone: zone), shown: shown)
            }, movedCount: moved.first?.0 ?? 0, overlaps: overlaps ?? 0, asOf: Date()))
}

private let zonesInUse: SQL = """
    SELECT zone FROM publication WHERE NOT valid << daterange(current_date, NULL)
    UNION SELECT zone FROM appointment WHERE live AND end_at > now()
    """

private func changes(_ days: Int, _ tx: Transaction) async throws -> [ClockChange] {
    let rows = try await tx.all(
        """
        WITH noon AS (
            SELECT z.zone, d::date AS day, extract(epoch FROM d - (d AT TIME ZONE z.zone) AT TIME ZONE 'UTC')::int AS ahead
            FROM (\(zonesInUse)) z
            CROSS JOIN generate_series(current_date - 1 + interval '12 hours', current_date + \(days)::int + interval '12 hours', interval '1 day') d
        ), change AS (
            SELECT zone, day, ahead - before AS seconds
            FROM (SELECT zone, day, ahead, lag(ahead) OVER (PARTITION BY zone ORDER BY day) AS before FROM noon) n WHERE ahead <> before
        )
        SELECT c.zone, c.day::text, c.seconds, ARRAY(
            SELECT DISTINCT to_char(g.wall, 'HH24:MI') AS wall
            FROM publication p
            JOIN publication_hours h ON h.publication = p.id AND h.weekday = extract(isodow FROM c.day)
            JOIN publication_service s ON s.publication = p.id JOIN visit_service v ON v.code = s.service
            CROSS JOIN LATERAL generate_series(c.day + h.opens, c.day + h.closes - make_interval(mins => v.minutes),
                make_interval(mins => v.minutes)) AS g (wall)
            WHERE p.zone = c.zone AND p.valid @> c.day AND instant_of(g.wall, c.zone) IS NULL
            ORDER BY wall)
        FROM change c ORDER BY c.day, c.zone
        """, as: String.self, String.self, Int.self, [String].self)
    return rows.map { ClockChange(zone: $0, day: $1, seconds: $2, skipped: $3) }
}
