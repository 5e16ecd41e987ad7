internal import Contracts
internal import Foundation
internal import Postgres

extension Entry {
    /// What an entry does to the plan of its bill. What was paid goes to the instalments, and ends a plan when it was the last of it; whatever else
    /// changes what is owed makes another bill of it, and its plan is cancelled.
    func settlePlan(in tx: Transaction) {
        guard kind != .invoice, postings.contains(where: { $0.account == .receivable && $0.amount != 0 }) else { return }
        guard kind == .payment else {
            tx.queue("UPDATE plan SET state = 'cancelled', reason = 'corrected', ended_at = now() WHERE invoice = \(invoice) AND state = 'active'")
            return
        }
        tx.queue(
            """
            UPDATE plan SET state = 'paid', ended_at = now() WHERE invoice = \(invoice) AND state = 'active'
                AND EXISTS (SELECT FROM balance b WHERE b.invoice = plan.invoice AND b.due = 0)
            """)
    }
}

extension PlanView {
    /// The newest of a bill: the one there is, or how the last one ended.
    static func later(of invoice: UUID, _ patient: UUID, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT p.id, p.state, p.reason, p.made_at, p.ended_at, p.by_office, s.number, s.due_on::text, s.amount, p.total - b.due
            FROM (
                SELECT * FROM plan WHERE invoice = \(invoice) AND patient = \(patient) ORDER BY made_at DESC, id DESC LIMIT 1
            ) p JOIN instalment s ON s.plan = p.id JOIN balance b ON b.invoice = p.invoice ORDER BY s.number
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func newest(_ rows: Later) throws -> PlanView? {
        let found = try rows.all(
            as: UUID.self, String.self, String?.self, Date.self, Date?.self, Bool.self, Int.self, String.self, Int.self, Int.self)
        guard let first = found.first else { return nil }
        // Of a plan that was cancelled nobody can say any more what was paid on which.
        var left = first.1 == "paid" ? Int.max : first.1 == "active" ? first.9 : 0
        let instalments = found.map { row in
            let paid = max(0, min(left, row.8))
            left -= paid
            return Instalment(number: row.6, dueOn: row.7, amount: row.8, paid: paid)
        }
        return PlanView(
            plan: ID(first.0), state: first.1, reason: first.2, made: first.3, ended: first.4, isOffices: first.5, instalments: instalments)
    }
}

extension PlanSummary {
    /// Of `i`, a bill, and `b`, its balance: nothing where it has no plan. An instalment is paid once as much was paid as it and those before it ask.
    static let columns: SQL = "n.count, n.paid, n.due_on, n.rest, n.late"
    static let joined: SQL = """
        LEFT JOIN LATERAL (
            SELECT count(*)::int AS count, (count(*) FILTER (WHERE s.upto <= s.settled))::int AS paid,
                (min(s.due_on) FILTER (WHERE s.upto > s.settled))::text AS due_on,
                (min(s.upto) FILTER (WHERE s.upto > s.settled) - max(s.settled))::bigint AS rest,
                greatest(0, coalesce(max(s.upto) FILTER (WHERE s.due_on < \(Payer.today)), 0) - max(s.settled))::bigint AS late
            FROM (
                SELECT x.due_on, sum(x.amount) OVER (ORDER BY x.number)::bigint AS upto, p.total - b.due AS settled
                FROM plan p JOIN instalment x ON x.plan = p.id WHERE p.invoice = i.id AND p.state = 'active'
            ) s HAVING count(*) > 0
        ) n ON true
        """

    /// - Parameter row: of `columns`.
    init?(_ row: (Int?, Int?, String?, Int?, Int?)) {
        guard let count = row.0, let paid = row.1, let dueOn = row.2, let rest = row.3, let late = row.4 else { return nil }
        self.init(count: count, paid: paid, dueOn: dueOn, rest: rest, late: late)
    }
}
