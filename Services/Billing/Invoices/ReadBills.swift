internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let billsAtMost = 100

@Sendable func readBills(_ query: ReadBills, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadBills> {
    let patient = query.patient.uuid
    let due = tx.later(
        """
        SELECT b.currency, sum(b.due)::bigint FROM balance b JOIN invoice i ON i.id = b.invoice
        WHERE b.patient = \(patient) AND i.billed_to IS NULL GROUP BY b.currency HAVING sum(b.due) <> 0 ORDER BY b.currency
        """)
    let count = tx.later("SELECT count(*) FROM invoice WHERE patient = \(patient)")
    let invoices = InvoiceSummary.later(where: "i.patient = \(patient)", order: "i.issued_at DESC, i.id", limit: billsAtMost, in: tx)
    let others = InvoiceSummary.later(where: "i.billed_to = \(patient)", order: "i.issued_at DESC, i.id", limit: billsAtMost, in: tx)
    let books = BooksCheck.later(in: tx)
    let charges = tx.later(
        """
        SELECT \(ChargeLine.columns) FROM charge c
        WHERE c.patient = \(patient) AND \(ChargeLine.isUnbilled) ORDER BY c.served_at, c.id
        LIMIT \(linesOfABill)
        """)
    try await tx.end()
    return .done(
        Bills(
            due: try due.all(as: String.self, Int.self).map { Money($0.1, $0.0) }, invoices: try InvoiceSummary.all(invoices),
            total: try count.first(as: Int.self) ?? 0, charges: try ChargeLine.all(charges),
            others: try InvoiceSummary.all(others), books: try BooksCheck.newest(books), asOf: Date()))
}
