internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Begins a run, which a worker carries out, or says how far it is.
@Sendable func runStatements(_ command: RunStatements, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RunStatements> {
    if let month = command.month, month.wholeMatch(of: /20[0-9]{2}-(0[1-9]|1[0-2])/) == nil { return .refused(.invalidMonth) }
    guard try await tx.first("SELECT true FROM clinic", as: Bool.self) != nil else { return .refused(.zoneUnknown) }
    StatementRun.begin(command.month, in: tx)
    let row = try await tx.first(
        """
        SELECT to_char(r.month, 'YYYY-MM'), r.made, r.begun_at, r.ended_at FROM statement_run r, clinic c
        WHERE r.month = \(StatementRun.month(command.month)) ORDER BY r.month DESC LIMIT 1
        """, as: String.self, Int.self, Date.self, Date?.self)
    guard let (month, made, begun, ended) = row else { return .refused(.notOver) }
    return .done(StatementRun(month: month, made: made, begun: begun, ended: ended))
}

extension StatementRun {
    /// Its first day; of the last month that is over on the clock of `c`, the clinic, where none is named.
    static func month(_ month: String?) -> SQL {
        """
        coalesce(\(month.map { $0 + "-01" })::date,
            (date_trunc('month', (now() - interval '1 hour') AT TIME ZONE c.zone) - interval '1 month')::date)
        """
    }

    /// Once a month is over, and an hour more: what was begun in its last second is in the books by then.
    static func begin(_ month: String?, in tx: Transaction) {
        tx.queue(
            """
            INSERT INTO statement_run (month, zone, since, until)
            SELECT m.month, m.zone, m.month::timestamp AT TIME ZONE m.zone, (m.month + interval '1 month') AT TIME ZONE m.zone
            FROM (SELECT c.zone, \(Self.month(month)) AS month FROM clinic c) m
            WHERE (m.month + interval '1 month') AT TIME ZONE m.zone < now() - interval '1 hour'
            ON CONFLICT (month) DO NOTHING
            """)
    }
}
