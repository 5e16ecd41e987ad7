internal import Access
internal import Contracts
internal import Crypto
internal import Foundation
internal import MessageBus
internal import Postgres

/// What answers about payments go by.
struct Payments: Sendable {
    /// What the processor signs with; nil where no cards are taken.
    let hookSecret: SymmetricKey?
    let coverages: CoverageStore
    /// How far a bill may be split.
    var plans = PlanLimits()

    var takesCards: Bool { hookSecret != nil }

    /// The row is first; the processor hears of it once that is committed.
    @Sendable func startPayment(_ command: StartPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<StartPayment> {
        guard takesCards else { return .refused(.notOffered) }
        tx.lockBills(of: command.patient)
        let underWay = tx.paymentUnderWay(command.invoice)
        guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
        if let other = try underWay.first(as: UUID.self) { return .refused(.underWay(payment: ID(other))) }
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
    /// Its id, where there is one.
    func paymentUnderWay(_ invoice: ID<Invoice>) -> Later {
        later("SELECT id FROM payment WHERE invoice = \(invoice.uuid) AND state IN ('created', 'requires-action', 'processing')")
    }
}

@Sendable func refusalOfPayment(
    _ command: StartPayment, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> PaymentRefusal? {
    switch constraint {
    case "payment_once": .idInUse
    case "payment_under_way":
        try await underWay(command.invoice, tx).map { .underWay(payment: ID($0)) }
    default: nil
    }
}

private func underWay(_ invoice: ID<Invoice>, _ tx: Transaction) async throws -> UUID? {
    let found = tx.paymentUnderWay(invoice)
    try await tx.flush()
    return try found.first(as: UUID.self)
}

extension Payments {
    /// Bills, and what is paid on them.
    func answerPayments(_ service: Registry) {
        service.answer(ReadInvoice.self, to: .bills, with: readInvoice)
        service.answer(StartPayment.self, to: .paying, with: startPayment, refusing: refusalOfPayment)
        service.answer(CancelPayment.self, to: .paying, with: cancelPayment)
        service.answer(ReadPayment.self, to: .bills, with: readPayment)
        service.answer(TakeCash.self, to: .desk, with: takeCash, refusing: refusalOfCash)
        service.answer(ReceiveCardEvent.self, to: .gateways("portal"), with: receiveCardEvent)
    }
}
