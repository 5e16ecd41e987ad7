internal import Contracts
internal import Foundation
internal import Postgres

extension PaymentLine {
    /// Payments with what was given back of them. - Parameter condition: on `p`.
    static func read(where condition: SQL, limit: Int = 100, in tx: Transaction) async throws -> [PaymentLine] {
        let rows = tx.later(
            """
            SELECT p.id, p.patient, p.invoice, p.method, p.state, p.amount, p.currency, p.started_at, p.ended_at, p.failure,
                (SELECT d.state FROM dispute d WHERE d.payment = p.id ORDER BY d.opened_at DESC, d.id LIMIT 1)
            FROM payment p WHERE \(condition) ORDER BY p.started_at, p.id LIMIT \(limit)
            """)
        let refunds = try await tx.all(
            """
            SELECT r.payment, r.id, r.amount, r.state, r.reason, r.asked_at, r.ended_at FROM refund r
            WHERE r.payment IN (SELECT p.id FROM payment p WHERE \(condition) ORDER BY p.started_at, p.id LIMIT \(limit)) ORDER BY r.asked_at, r.id
            """, as: UUID.self, UUID.self, Int.self, String.self, String.self, Date.self, Date?.self)
        let payments = try rows.all(
            as: UUID.self, UUID.self, UUID.self, String.self, String.self, Int.self, String.self, Date.self, Date?.self, String?.self, String?.self)
        return payments.map { row in
            let back = refunds.filter { $0.0 == row.0 }.map {
                RefundLine(refund: ID($0.1), amount: $0.2, state: $0.3, reason: $0.4, asked: $0.5, ended: $0.6)
            }
            return PaymentLine(
                payment: ID(row.0), patient: ID(row.1), invoice: ID(row.2), method: row.3, state: row.4, amount: Money(row.5, row.6),
                refunded: back.filter { $0.state == "done" }.reduce(0) { $0 + $1.amount }, started: row.7, ended: row.8, failure: row.9,
                dispute: row.10, refunds: back)
        }
    }
}
