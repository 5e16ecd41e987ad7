internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What is promised now, by the database's clock: the same for what is shown and for what is kept.
enum Promises {
    /// - Parameters:
    ///   - lead: columns before the promise's own, with a comma after them.
    ///   - wanted: an expression: who is asked for.
    ///   - joined: what is joined to `pool p`; a promise of each pool in it.
    ///   - rest: what comes after that.
    static func select(_ lead: SQL = "", wanted: SQL, joining joined: SQL = "", _ rest: SQL) -> SQL {
        """
        SELECT \(lead) p.code, p.zone, b.by_at, to_char(b.by_at AT TIME ZONE p.zone, 'YYYY-MM-DD"T"HH24:MI'),
            answering(p.code, \(wanted), now(), b.by_at), w.away, to_char(w.away AT TIME ZONE p.zone, 'YYYY-MM-DD"T"HH24:MI')
        FROM pool p \(joined)
        CROSS JOIN LATERAL (SELECT promised_by(p.code, now()) AS by_at) b
        CROSS JOIN LATERAL (SELECT away_until(\(wanted), now(), b.by_at) AS away) w
        \(rest)
        """
    }

    /// - Parameter wanted: who is asked for.
    static func read(pool: String, wanted: UUID?, _ tx: Transaction) async throws -> AnswerPromise? {
        let row = try await tx.first(
            select(wanted: "\(wanted)::uuid", "WHERE p.code = \(pool)"), as: String.self, String?.self, Date.self, String?.self, UUID?.self,
            Date?.self, String?.self)
        return try row.map { try AnswerPromise($0) }
    }
}

extension AnswerPromise {
    /// - Throws: `TryLater` while the clinic's zone is not known, which is seconds after the first start.
    init(_ row: (String, String?, Date, String?, UUID?, Date?, String?)) throws {
        guard let zone = row.1, let local = row.3 else { throw TryLater("no-zone") }
        let away: ZonedTime? = if let instant = row.5, let wall = row.6 { ZonedTime(instant, local: wall, zone: zone) } else { nil }
        self.init(pool: row.0, owner: row.4.map { ID($0) }, awayUntil: away, by: ZonedTime(row.2, local: local, zone: zone))
    }

    /// Whether it is what a page showed.
    func isShown(as shown: Date?) -> Bool { shown.map { abs($0.timeIntervalSince(by.instant)) < 1 } ?? false }
}

extension Date {
    /// Three quarters of the way to a promise.
    func soon(before promised: Date) -> Date { addingTimeInterval(max(0, promised.timeIntervalSince(self) * 0.75)) }
}
