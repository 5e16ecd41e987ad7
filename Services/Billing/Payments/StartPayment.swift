internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import Postgres

/// What answers about payments go by.
struct Payments: Sendable {
    /// What the processor signs with; nil where no cards are taken.
    let hookSecret: SymmetricKey?

    var takesCards: Bool { hookSecret != nil }

    /// The row is first; the processor hears of it once that is committed.
    @Sendable func startPayment(_ command: StartPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<StartPayment> {
        guard takesCards else { return .refused(.notOffered) }
        guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
        if let other = try await tx.paymentUnderWay(command.invoice) { return .refused(.underWay(payment: other)) }
        if let refusal = open.refusal(of: command.amount) { return .refused(refusal) }
        try await tx.run(
            """
            INSERT INTO payment (id, patient, invoice, amount, currency, method, state, started_by, next_at)
            VALUES (\(command.payment.uuid), \(command.patient.uuid), \(open.id), \(command.amount.amount), \(open.currency), 'card', 'created',
                \(actor.account?.uuid), now())
            """)
        return .done(Done())
    }
}

extension Transaction {
    func paymentUnderWay(_ invoice: ID<Invoice>) async throws -> ID<Payment>? {
        try await first(
            "SELECT id FROM payment WHERE invoice = \(invoice.uuid) AND state IN ('created', 'requires-action', 'processing')", as: UUID.self
        ).map { ID($0) }
    }
}

@Sendable func refusalOfPayment(
    _ command: StartPayment, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> PaymentRefusal? {
    switch constraint {
    case "payment_once": .idInUse
    case "payment_under_way": try await tx.paymentUnderWay(command.invoice).map { .underWay(payment: $0) }
    default: nil
    }
}
