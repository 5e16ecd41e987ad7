internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let linesShown = 50

/// Visits of which a message could reach nobody by any channel, and no later one did; and news in the portal that neither an e-mail nor a text told.
func readUnreached(_ query: ReadUnreached, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadUnreached> {
    let letters = tx.later(lostLetters)
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
                AND NOT EXISTS (
                    SELECT FROM intent s WHERE s.appointment = i.appointment AND s.starts_at = i.starts_at AND s.state IN ('sent', 'delivered')
                        AND (s.kind = i.kind AND s.rule = i.rule OR s.due_at > i.due_at))
            GROUP BY i.appointment, i.patient, i.starts_at, i.starts_zone
            -- What nobody wanted is no failure; an address that does not work is.
            HAVING bool_or(i.state IN ('failed', 'bounced') OR i.reason = 'no-contact')
        )
        SELECT l.id, l.appointment, l.patient, l.starts_at, l.starts_zone, l.reasons, count(*) OVER () FROM lost l
        ORDER BY l.starts_at, l.appointment LIMIT \(linesShown)
        """, as: UUID.self, UUID.self, UUID.self, Date.self, String.self, [String].self, Int.self)
    let lines = rows.compactMap { row in
        TimeZone(identifier: row.4).map {
            UnreachedLine(
                intent: ID(row.0), appointment: ID(row.1), patient: ID(row.2), start: ZonedTime(row.3, in: $0), reasons: row.5.sorted())
        }
    }
    let news = try letters.all(as: UUID.self, UUID.self, String.self, Date.self, [String].self, Int.self)
    return .done(
        Unreached(
            lines: lines, total: rows.first?.6 ?? 0,
            letters: news.map { UnreachedLetter(letter: ID($0.0), patient: ID($0.1), kind: $0.2, at: $0.3, reasons: $0.4) },
            totalLetters: news.first?.5 ?? 0))
}

/// Of the last thirty days. While a text is under way it is waited for; who was told of something else a moment before has been told to look.
private let lostLetters: SQL = """
    SELECT l.id, l.patient, l.kind, l.happened_at,
        ARRAY['email ' || coalesce(l.reason, 'not-reached')] || CASE WHEN t.reason IS NOT NULL THEN ARRAY['sms ' || t.reason] ELSE '{}' END,
        count(*) OVER ()
    FROM letter l
    LEFT JOIN text_notice t ON t.about = CASE WHEN l.kind = 'message-waiting' THEN l.about ELSE l.id END
    WHERE l.state IN ('failed', 'bounced') AND l.told_at IS NULL AND l.patient IS NOT NULL AND l.happened_at > now() - interval '30 days'
        AND (t.id IS NULL OR t.state IN ('dropped', 'failed', 'unknown') AND t.reason IS DISTINCT FROM 'just-told')
    ORDER BY l.happened_at, l.id LIMIT 50
    """
