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
            SELECT \(LedgerLine.columns) FROM entry e JOIN posting p ON p.entry = e.id \(LedgerLine.origins)
            WHERE e.invoice = \(invoice) AND e.patient = \(patient) AND p.account = 'receivable' AND e.kind <> 'invoice'
            ORDER BY e.at, e.id, p.place
            """)
        let disputes = tx.later(
            "SELECT charge, reason FROM line_dispute WHERE invoice = \(invoice) AND patient = \(patient) AND state = 'open'")
        // A patient has no part in what the office has not decided.
        let approvals = actor.role == .patient ? nil : ApprovalLine.later(where: "a.invoice = \(invoice)", limit: linesOfABill, in: tx)
        let coverage = CoverageStore.later(where: "c.patient = \(patient) AND c.state IN ('stated', 'confirmed')", limit: 10, in: tx)
        let plan = PlanView.later(of: invoice, patient, in: tx)
        let books = BooksCheck.later(in: tx)
        let payments = try await PaymentLine.read(where: "p.invoice = \(invoice) AND p.patient = \(patient)", in: tx)
        guard let found = try InvoiceSummary.all(summary).first else { return .refused(.notFound) }
        let changes = try LedgerLine.byCharge(entries)
        let disputed = Dictionary(try disputes.all(as: UUID.self, String.self)) { first, _ in first }
        let lines = try ChargeLine.all(charges).map {
            InvoiceLine($0, changes[$0.charge.uuid] ?? [], disputed[$0.charge.uuid].flatMap { DisputeReason(rawValue: $0) })
        }
        let insurances = actor.mayKnowInsurance(of: query.patient) ? try coverages.all(coverage) : []
        return .done(
            InvoiceView(
                summary: found, lines: lines, payments: payments, takesCards: takesCards, books: try BooksCheck.newest(books),
                approvals: try approvals.map { try ApprovalLine.all($0) },
                coverage: insurances.first { $0.state == "confirmed" } ?? insurances.first, plan: try PlanView.newest(plan),
                splitFrom: plans.from, asOf: Date()))
    }
}

extension Actor {
    /// Not who pays in the patient's place: how somebody is insured is no part of a bill.
    fileprivate func mayKnowInsurance(of patient: ID<Patient>) -> Bool { role != .patient || patients.contains(patient) }
}

extension InvoiceLine {
    private static let moneyMoved: Set<String> = ["payment", "refund", "dispute-lost"]

    fileprivate init(_ charge: ChargeLine, _ entries: [LedgerLine], _ disputed: DisputeReason?) {
        let paid = entries.filter { Self.moneyMoved.contains($0.kind) }.reduce(0) { $0 - $1.amount }
        let adjusted = entries.filter { !Self.moneyMoved.contains($0.kind) }.reduce(0) { $0 - $1.amount }
        self.init(charge: charge, paid: paid, adjusted: adjusted, due: charge.charged.amount - paid - adjusted, entries: entries, disputed: disputed)
    }
}
