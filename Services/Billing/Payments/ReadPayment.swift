internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

@Sendable func readPayment(_ query: ReadPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadPayment> {
    let (payment, patient) = (query.payment.uuid, query.patient.uuid)
    let rest = tx.later(
        """
        SELECT p.page, \(InvoiceSummary.number)
        FROM payment p JOIN invoice i ON i.id = p.invoice WHERE p.id = \(payment) AND p.patient = \(patient)
        """)
    let lines = try await PaymentLine.read(where: "p.id = \(payment) AND p.patient = \(patient)", in: tx)
    guard let line = lines.first, let (page, number) = try rest.first(as: String?.self, String.self) else { return .refused(.notFound) }
    return .done(PaymentView(line: line, number: number, page: line.state == "requires-action" ? page : nil, asOf: Date()))
}
