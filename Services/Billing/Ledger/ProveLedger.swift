internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Adds up all the books, in the snapshot of one statement each; what is wrong is counted by its kind.
@Sendable func proveLedger(_ query: ProveLedger, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ProveLedger> {
    .done(try await LedgerProof.made(in: tx))
}

extension LedgerProof {
    static func made(in tx: Transaction) async throws -> LedgerProof {
        let count = tx.later("SELECT (SELECT count(*) FROM entry), (SELECT count(*) FROM posting)")
        let accounts = tx.later(
            "SELECT account, currency, sum(amount)::bigint FROM posting GROUP BY account, currency ORDER BY account, currency")
        let wrong = try await tx.all(
            """
            SELECT 'trial-balance', count(*) FROM (SELECT FROM posting GROUP BY currency HAVING sum(amount) <> 0) x
            UNION ALL SELECT 'unbalanced-entry', count(*) FROM (SELECT FROM posting GROUP BY entry HAVING sum(amount) <> 0) x
            UNION ALL SELECT 'empty-entry', count(*) FROM entry e WHERE NOT EXISTS (SELECT FROM posting p WHERE p.entry = e.id)
            UNION ALL SELECT 'line-not-its-charge', count(*) FROM invoice_line l JOIN charge c ON c.id = l.charge
                WHERE c.amount <> (SELECT coalesce(sum(p.amount), 0) FROM posting p JOIN entry e ON e.id = p.entry
                    WHERE p.charge = l.charge AND p.account = 'receivable' AND e.kind = 'invoice' AND e.invoice = l.invoice)
            UNION ALL SELECT 'overpaid-line', count(*) FROM (
                SELECT FROM posting WHERE account = 'receivable' GROUP BY charge HAVING sum(amount) < 0) x
            UNION ALL SELECT 'kept-balance', count(*) FROM invoice i LEFT JOIN balance b ON b.invoice = i.id LEFT JOIN (
                SELECT e.invoice, sum(p.amount) AS due, coalesce(sum(p.amount) FILTER (WHERE e.kind = 'invoice'), 0) AS total
                FROM entry e JOIN posting p ON p.entry = e.id WHERE p.account = 'receivable' GROUP BY e.invoice) s ON s.invoice = i.id
                WHERE b.due IS DISTINCT FROM coalesce(s.due, 0) OR b.total IS DISTINCT FROM coalesce(s.total, 0)
            UNION ALL SELECT 'plan-not-its-bill', count(*) FROM plan p LEFT JOIN balance b ON b.invoice = p.invoice
                WHERE p.total <> (SELECT coalesce(sum(x.amount), 0) FROM instalment x WHERE x.plan = p.id)
                    OR p.state = 'active' AND coalesce(b.due NOT BETWEEN 1 AND p.total, true)
            UNION ALL SELECT 'refunds-above-payment', count(*) FROM payment p
                WHERE p.amount < (SELECT coalesce(sum(r.amount), 0) FROM refund r WHERE r.payment = p.id AND r.state <> 'failed')
            UNION ALL SELECT 'payment-not-in-books', count(*) FROM payment p WHERE p.state = 'captured' AND p.amount <> (
                SELECT coalesce(sum(o.amount), 0) FROM entry e JOIN posting o ON o.entry = e.id
                WHERE e.kind = 'payment' AND e.about = p.id AND o.account IN ('card', 'cash'))
            UNION ALL SELECT 'books-without-payment', count(*) FROM entry e
                WHERE e.kind = 'payment' AND NOT EXISTS (SELECT FROM payment p WHERE p.id = e.about AND p.state = 'captured')
            """, as: String.self, Int.self)
        let (entries, postings) = try count.first(as: Int.self, Int.self) ?? (0, 0)
        let balances = try accounts.all(as: String.self, String.self, Int.self).map { AccountBalance(account: $0.0, balance: Money($0.2, $0.1)) }
        return LedgerProof(
            entries: entries, postings: postings, balances: balances, problems: wrong.filter { $0.1 > 0 }.map { Problem(code: $0.0, count: $0.1) },
            asOf: Date())
    }
}
