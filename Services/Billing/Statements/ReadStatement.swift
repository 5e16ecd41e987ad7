internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// What a page has room for.
private let linesAtMost = 80
private let entriesAtMost = 400

/// The lines are what the books say of that month: they come out the same whenever it is read.
@Sendable func readStatement(_ query: ReadStatement, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadStatement> {
    let (id, patient) = (query.statement.uuid, query.patient.uuid)
    let summary = StatementSummary.later(where: "s.id = \(id) AND s.patient = \(patient)", limit: 1, in: tx)
    let bills: SQL = """
        statement t JOIN statement_run m ON m.month = t.month JOIN invoice i ON i.patient = t.patient AND i.currency = t.currency
        AND i.billed_to IS NOT DISTINCT FROM t.billed_to
        JOIN entry e ON e.invoice = i.id AND e.at < m.until JOIN posting p ON p.entry = e.id AND p.account = 'receivable'
        """
    let lines = tx.later(
        """
        SELECT \(ChargeLine.columns), i.id, \(InvoiceSummary.number), i.due_on::text, s.opening, s.charged, s.paid, s.closing,
            EXISTS (SELECT FROM line_dispute l WHERE l.charge = c.id AND l.state = 'open'), count(*) OVER ()
        FROM (
            SELECT p.charge, e.invoice, \(StatementSummary.sums) FROM \(bills) WHERE t.id = \(id) AND t.patient = \(patient)
            GROUP BY p.charge, e.invoice HAVING sum(p.amount) <> 0 OR bool_or(e.at >= m.since)
        ) s JOIN charge c ON c.id = s.charge JOIN invoice i ON i.id = s.invoice ORDER BY i.issued_at, i.id, c.served_at, c.id LIMIT \(linesAtMost)
        """)
    let entries = tx.later(
        """
        SELECT \(LedgerLine.columns) FROM \(bills) \(LedgerLine.origins)
        WHERE t.id = \(id) AND t.patient = \(patient) AND e.at >= m.since AND e.kind <> 'invoice' ORDER BY e.at, e.id, p.place LIMIT \(entriesAtMost)
        """)
    let books = BooksCheck.later(in: tx)
    try await tx.end()
    guard let found = try StatementSummary.all(summary).first else { return .refused(.notFound) }
    let changes = try LedgerLine.byCharge(entries)
    let rows = try lines.all(
        as: UUID.self, UUID.self, Date.self, String.self, String.self, String.self, Int.self, Int.self, String.self, UUID.self, String.self,
        String.self, Int.self, Int.self, Int.self, Int.self, Bool.self, Int.self)
    let shown = rows.map { row in
        let charge = ChargeLine(
            charge: ID(row.0), encounter: ID(row.1), at: row.2, code: row.3, name: ["en": row.4, "es": row.5], quantity: row.6,
            charged: Money(row.7, row.8))
        return StatementLine(
            charge: charge, invoice: ID(row.9), number: row.10, dueOn: row.11, opening: row.12, charged: row.13, paid: row.14,
            adjusted: row.12 + row.13 - row.14 - row.15, due: row.15, isDisputed: row.16, entries: changes[row.0] ?? [])
    }
    return .done(
        StatementView(summary: found, lines: shown, total: rows.first?.17 ?? 0, books: try BooksCheck.newest(books), asOf: Date()))
}
