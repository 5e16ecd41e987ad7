internal import Contracts
internal import Foundation
internal import Postgres

extension InvoiceSummary {
    /// As people call it, of `i`: the year is the clinic's.
    static let number: SQL = """
        to_char(i.issued_at AT TIME ZONE \(Payer.zone), 'YYYY') || '-' || lpad(i.serial::text, greatest(4, length(i.serial::text)), '0')
        """

    /// Bills with what is owed on them. - Parameter condition: on `i`, the invoice, and `b`, its balance.
    static func later(where condition: SQL, order: SQL, limit: Int, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT i.id, \(number), i.patient, i.issued_at, i.due_on::text, b.total, i.currency, b.due,
                (SELECT p.id FROM payment p WHERE p.invoice = i.id AND p.state IN ('created', 'requires-action', 'processing')),
                (SELECT sum(p.amount)::bigint FROM line_dispute d JOIN posting p ON p.charge = d.charge AND p.account = 'receivable'
                    WHERE d.patient = i.patient AND d.invoice = i.id AND d.state = 'open'),
                \(BilledTo.columns), \(PlanSummary.columns)
            FROM invoice i JOIN balance b ON b.invoice = i.id LEFT JOIN guarantor g ON g.id = i.guarantor
            \(PlanSummary.joined)
            WHERE \(condition) ORDER BY \(order) LIMIT \(limit)
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func all(_ rows: Later) throws -> [InvoiceSummary] {
        let found = try rows.all(
            as: UUID.self, String.self, UUID.self, Date.self, String.self, Int.self, String.self, Int.self, UUID?.self, Int?.self, String?.self,
            UUID?.self, String?.self, String?.self, Int?.self, Int?.self, String?.self, Int?.self, Int?.self)
        return found.map {
            InvoiceSummary(
                invoice: ID($0.0), number: $0.1, patient: ID($0.2), issued: $0.3, dueOn: $0.4, total: Money($0.5, $0.6), due: $0.7,
                pending: $0.8.map { ID($0) }, disputed: $0.9, billedTo: BilledTo(($0.10, $0.11, $0.12, $0.13)),
                plan: PlanSummary(($0.14, $0.15, $0.16, $0.17, $0.18)))
        }
    }
}

extension ChargeLine {
    /// What of `c` is on no bill, and counts.
    static let isUnbilled: SQL = """
        NOT EXISTS (SELECT FROM invoice_line l WHERE l.charge = c.id) AND NOT EXISTS (SELECT FROM charge_void v WHERE v.charge = c.id)
        """

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

extension LedgerLine {
    /// Of `e`, an entry, and `p`, a posting of it; with `origins`.
    static let columns: SQL = """
        p.charge, e.id, e.kind, e.at, p.amount, coalesce(r.payment, d.payment, CASE WHEN e.kind = 'payment' THEN e.about END), e.reason,
        EXISTS (SELECT FROM entry x WHERE x.kind = 'reversal' AND x.about = e.id)
        """
    static let origins: SQL = "LEFT JOIN refund r ON r.id = e.about LEFT JOIN dispute d ON d.id = e.about"

    /// - Parameter rows: of `columns`.
    static func byCharge(_ rows: Later) throws -> [UUID: [LedgerLine]] {
        var changes: [UUID: [LedgerLine]] = [:]
        for row in try rows.all(as: UUID.self, UUID.self, String.self, Date.self, Int.self, UUID?.self, String?.self, Bool.self) {
            changes[row.0, default: []].append(
                LedgerLine(
                    entry: ID(row.1), kind: row.2, at: row.3, amount: row.4, payment: row.5.map { ID($0) }, reason: row.6,
                    isReversed: row.7 ? true : nil))
        }
        return changes
    }
}
