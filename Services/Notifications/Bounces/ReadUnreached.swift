internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let linesShown = 50

/// Visits that have messages which could reach nobody, and none that was sent by any channel.
func readUnreached(_ query: ReadUnreached, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadUnreached> {
    let rows = try await tx.all(
        """
        WITH lost AS (
            SELECT i.appointment, i.patient, i.starts_at, i.starts_zone, (array_agg(i.id ORDER BY i.id))[1] AS id,
                array_agg(DISTINCT i.channel || ' ' || i.reason) AS reasons
            FROM intent i
            WHERE i.starts_at > now() AND i.told_at IS NULL AND i.starts_zone IS NOT NULL
                AND (i.state IN ('failed', 'bounced')
                    OR i.state = 'suppressed' AND i.reason IN ('no-contact', 'stopped', 'not-wanted', 'channel-off'))
                AND NOT EXISTS (SELECT FROM intent m WHERE m.appointment = i.appointment AND m.version > i.version)
            GROUP BY i.appointment, i.patient, i.starts_at, i.starts_zone
            -- What nobody wanted is no failure; an address that does not work is.
            HAVING bool_or(i.state IN ('failed', 'bounced') OR i.reason = 'no-contact')
        )
        SELECT l.id, l.appointment, l.patient, l.starts_at, l.starts_zone, l.reasons, count(*) OVER () FROM lost l
        WHERE NOT EXISTS (
            SELECT FROM intent s WHERE s.appointment = l.appointment AND s.starts_at = l.starts_at AND s.state IN ('sent', 'delivered'))
        ORDER BY l.starts_at, l.appointment LIMIT \(linesShown)
        """, as: UUID.self, UUID.self, UUID.self, Date.self, String.self, [String].self, Int.self)
    let lines = rows.compactMap { row in
        TimeZone(identifier: row.4).map {
            UnreachedLine(
                intent: ID(row.0), appointment: ID(row.1), patient: ID(row.2), start: ZonedTime(row.3, in: $0), reasons: row.5.sorted())
        }
    }
    return .done(Unreached(lines: lines, total: rows.first?.6 ?? 0))
}
