internal import Contracts
internal import Foundation
internal import Postgres

extension InvoiceSummary {
    /// As people call it, of `i`.
    static let number: SQL = "to_char(i.issued_at, 'YYYY') || '-' || lpad(i.serial::text, greatest(4, length(i.serial::text)), '0')"

    /// Bills with what is owed on them. - Parameter condition: on `i`, the invoice, and `s.due`.
    static func later(where condition: SQL, order: SQL, limit: Int, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT i.id, \(number), i.patient, i.issued_at, i.due_on::text, s.total, i.currency, s.due,
                (SELECT p.id FROM payment p WHERE p.invoice = i.id AND p.state IN ('created', 'requires-action', 'processing'))
            FROM invoice i CROSS JOIN LATERAL (
                SELECT coalesce(sum(p.amount), 0)::bigint AS due, coalesce(sum(p.amount) FILTER (WHERE e.kind = 'invoice'), 0)::bigint AS total
                FROM entry e JOIN posting p ON p.entry = e.id WHERE e.invoice = i.id AND p.account = 'receivable') s
            WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func all(_ rows: Later) throws -> [InvoiceSummary] {
        try rows.all(as: UUID.self, String.self, UUID.self, Date.self, String.self, Int.self, String.self, Int.self, UUID?.self).map {
            InvoiceSummary(
                invoice: ID($0.0), number: $0.1, patient: ID($0.2), issued: $0.3, dueOn: $0.4, total: Money($0.5, $0.6), due: $0.7,
                pending: $0.8.map { ID($0) })
        }
    }
}

extension ChargeLine {
    static let columns: SQL = "c.id, c.encounter, c.served_at, c.code, c.name_en, c.name_es, c.quantity, c.amount, c.currency"

    /// - Parameter rows: of `columns`.
    static func all(_ rows: Later) throws -> [ChargeLine] {
        try rows.all(as: UUID.self, UUID.self, Date.self, String.self, String.self, String.self, Int.self, Int.self, String.self).map {
            ChargeLine(
                charge: ID($0.0), encounter: ID($0.1), at: $0.2, code: $0.3, name: ["en": $0.4, "es": $0.5], quantity: $0.6,
                charged: Money($0.7, $0.8))
        }
    }
}
