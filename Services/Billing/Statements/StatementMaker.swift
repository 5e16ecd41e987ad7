internal import Contracts
internal import Foundation
internal import Logging
internal import MessageBus
internal import Postgres

/// Makes the statements of each month that is over, some accounts a transaction: whoever crashes goes on where it stopped, and however many accounts
/// there are, it holds none of them.
struct StatementMaker: Sendable {
    private static let pause = Duration.seconds(2)
    private static let nobody = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    let database: any WorkerTransactions
    let logger: Logger
    /// Accounts a transaction.
    var batch = 1_000

    func run() async throws {
        while !Task.isCancelled {
            try await database.transaction { tx in
                StatementRun.begin(nil, in: tx)
                try await tx.flush()
            }
            while try await round() {}
            try await Task.sleep(for: Self.pause * Double.random(in: 0.8...1.2))
        }
    }

    /// The next accounts. - Returns: whether there may be more to do.
    @discardableResult
    func round() async throws -> Bool {
        let ended = try await database.transaction { [batch] tx -> (month: String, isEnded: Bool)? in
            let books = BooksCheck.later(in: tx)
            let run = try await tx.first(
                "SELECT month::text, reached FROM statement_run WHERE ended_at IS NULL ORDER BY month LIMIT 1 FOR UPDATE SKIP LOCKED",
                as: String.self, UUID?.self)
            // While the books do not hold nothing is given out as a statement.
            guard let (month, reached) = run, try BooksCheck.newest(books)?.holds != false else { return nil }
            let after = reached ?? Self.nobody
            let last = try await tx.first(
                """
                SELECT patient FROM (SELECT DISTINCT patient FROM invoice WHERE patient > \(after) ORDER BY patient LIMIT \(batch)) x
                ORDER BY patient DESC LIMIT 1
                """, as: UUID.self)
            guard let last else {
                try await tx.run("UPDATE statement_run SET ended_at = now() WHERE month = \(month)::date")
                return (month, true)
            }
            let made = try await tx.all(
                Self.statements(of: month, after: after, upTo: last), as: UUID.self, UUID.self, Bool.self, UUID?.self, UUID?.self)
            for (statement, patient, isAsked, guarantor, billedTo) in made where isAsked {
                let isByPost = billedTo != nil && billedTo == guarantor
                try tx.emit(
                    StatementMade(
                        statement: ID(statement), patient: ID(patient), at: Date(), payer: isByPost ? nil : billedTo.map { ID($0) },
                        byPost: billedTo.map { _ in isByPost }))
            }
            try await tx.run("UPDATE statement_run SET reached = \(last), made = made + \(made.count)::int WHERE month = \(month)::date")
            return (month, false)
        }
        if let ended, ended.isEnded { logger.info("statements are made", metadata: ["month": "\(ended.month)"]) }
        return ended != nil
    }

    /// What they owed when the month was over, each by what was in the books then; who owes nothing gets none.
    private static func statements(of month: String, after: UUID, upTo last: UUID) -> SQL {
        """
        INSERT INTO statement (patient, currency, month, opening, charged, paid, adjusted, closing, disputed, planned, guarantor,
            billed_to)
        SELECT s.patient, s.currency, s.month, s.opening, s.charged, s.paid, s.opening + s.charged - s.paid - s.closing, s.closing, d.amount,
            f.amount, s.guarantor, s.billed_to
        FROM (
            SELECT i.patient, i.currency, i.billed_to, (array_agg(i.guarantor ORDER BY i.issued_at DESC))[1] AS guarantor, m.month, m.until,
                \(StatementSummary.sums)
            FROM statement_run m JOIN invoice i ON i.patient > \(after) AND i.patient <= \(last)
            JOIN entry e ON e.invoice = i.id AND e.at < m.until JOIN posting p ON p.entry = e.id AND p.account = 'receivable'
            WHERE m.month = \(month)::date GROUP BY i.patient, i.currency, i.billed_to, m.month, m.until HAVING sum(p.amount) > 0
        ) s CROSS JOIN LATERAL (
            SELECT coalesce(sum(p.amount), 0) AS amount FROM line_dispute l JOIN posting p ON p.charge = l.charge AND p.account = 'receivable'
            JOIN entry e ON e.id = p.entry AND e.at < s.until
            JOIN invoice i ON i.id = l.invoice AND i.billed_to IS NOT DISTINCT FROM s.billed_to
            WHERE l.patient = s.patient AND l.state = 'open' AND p.currency = s.currency
        ) d CROSS JOIN LATERAL (
            SELECT coalesce(sum(p.amount), 0) AS amount FROM plan n
            JOIN invoice i ON i.id = n.invoice AND i.billed_to IS NOT DISTINCT FROM s.billed_to
            JOIN entry e ON e.invoice = n.invoice AND e.at < s.until JOIN posting p ON p.entry = e.id AND p.account = 'receivable'
            WHERE n.patient = s.patient AND n.state = 'active' AND p.currency = s.currency
                AND NOT EXISTS (SELECT FROM line_dispute l WHERE l.charge = p.charge AND l.state = 'open')
        ) f
        ON CONFLICT ON CONSTRAINT statement_once DO NOTHING
        RETURNING id, patient, closing > disputed + planned, guarantor, billed_to
        """
    }
}
