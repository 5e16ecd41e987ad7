internal import Contracts
internal import Foundation
internal import Postgres

extension StatementSummary {
    /// Of receivable postings `p` of entries `e` up to the end of a month `m`: what was owed before it, and what happened in it.
    static let sums: SQL = """
        coalesce(sum(p.amount) FILTER (WHERE e.at < m.since), 0)::bigint AS opening,
        coalesce(sum(p.amount) FILTER (WHERE e.at >= m.since AND e.kind = 'invoice'), 0)::bigint AS charged,
        -coalesce(sum(p.amount) FILTER (WHERE e.at >= m.since AND e.kind IN ('payment', 'refund', 'dispute-lost')), 0)::bigint AS paid,
        sum(p.amount)::bigint AS closing
        """

    /// Newest first. - Parameter condition: on `s`.
    static func later(where condition: SQL, limit: Int, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT s.id, s.patient, to_char(s.month, 'YYYY-MM'), m.since, m.until, m.zone, s.opening, s.charged, s.paid, s.adjusted, s.closing,
                s.currency, s.disputed, \(BilledTo.columns), s.planned
            FROM statement s JOIN statement_run m ON m.month = s.month LEFT JOIN guarantor g ON g.id = s.guarantor
            WHERE \(condition) ORDER BY s.month DESC, s.currency, s.id LIMIT \(limit)
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func all(_ rows: Later) throws -> [StatementSummary] {
        let found = try rows.all(
            as: UUID.self, UUID.self, String.self, Date.self, Date.self, String.self, Int.self, Int.self, Int.self, Int.self, Int.self, String.self,
            Int.self, String?.self, UUID?.self, String?.self, String?.self, Int.self)
        return found.map { row in
            StatementSummary(
                statement: ID(row.0), patient: ID(row.1), month: row.2, since: row.3, until: row.4, zone: row.5, opening: row.6, charged: row.7,
                paid: row.8, adjusted: row.9, closing: Money(row.10, row.11), disputed: row.12, billedTo: BilledTo((row.13, row.14, row.15, row.16)),
                planned: row.17)
        }
    }
}
