internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension Payments {
    @Sendable func readInvoice(_ query: ReadInvoice, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadInvoice> {
        let (invoice, patient) = (query.invoice.uuid, query.patient.uuid)
        let summary = InvoiceSummary.later(where: "i.id = \(invoice) AND i.patient = \(patient)", order: "i.id", limit: 1, in: tx)
        let charges = tx.later(
            """
            SELECT \(ChargeLine.columns) FROM invoice_line l JOIN charge c ON c.id = l.charge
            WHERE l.invoice = \(invoice) AND l.patient = \(patient) ORDER BY l.place
            """)
        let entries = tx.later(
            """
            SELECT p.charge, e.id, e.kind, e.at, p.amount, coalesce(r.payment, d.payment, CASE WHEN e.kind = 'payment' THEN e.about END), e.reason,
                EXISTS (SELECT FROM entry x WHERE x.kind = 'reversal' AND x.about = e.id)
            FROM entry e JOIN posting p ON p.entry = e.id LEFT JOIN refund r ON r.id = e.about LEFT JOIN dispute d ON d.id = e.about
            WHERE e.invoice = \(invoice) AND e.patient = \(patient) AND p.account = 'receivable' AND e.kind <> 'invoice'
            ORDER BY e.at, e.id, p.place
            """)
        let books = BooksCheck.later(in: tx)
        let payments = try await PaymentLine.read(where: "p.invoice = \(invoice) AND p.patient = \(patient)", in: tx)
        guard let found = try InvoiceSummary.all(summary).first else { return .refused(.notFound) }
        var changes: [UUID: [LedgerLine]] = [:]
        for row in try entries.all(as: UUID.self, UUID.self, String.self, Date.self, Int.self, UUID?.self, String?.self, Bool.self) {
            changes[row.0, default: []].append(
                LedgerLine(
                    entry: ID(row.1), kind: row.2, at: row.3, amount: row.4, payment: row.5.map { ID($0) }, reason: row.6,
                    isReversed: row.7 ? true : nil))
        }
        let lines = try ChargeLine.all(charges).map { InvoiceLine($0, changes[$0.charge.uuid] ?? []) }
        return .done(
            InvoiceView(
                summary: found, lines: lines, payments: payments, takesCards: takesCards, books: try BooksCheck.newest(books), asOf: Date()))
    }
}

extension InvoiceLine {
    private static let moneyMoved: Set<String> = ["payment", "refund", "dispute-lost"]

    fileprivate init(_ charge: ChargeLine, _ entries: [LedgerLine]) {
        let paid = entries.filter { Self.moneyMoved.contains($0.kind) }.reduce(0) { $0 - $1.amount }
        let adjusted = entries.filter { !Self.moneyMoved.contains($0.kind) }.reduce(0) { $0 - $1.amount }
        self.init(charge: charge, paid: paid, adjusted: adjusted, due: charge.charged.amount - paid - adjusted, entries: entries)
    }
}
