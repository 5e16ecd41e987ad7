internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What was paid at the desk is in the books at once.
@Sendable func takeCash(_ command: TakeCash, _ actor: Actor, _ tx: Transaction) async throws -> Answer<TakeCash> {
    tx.lockBills(of: command.patient)
    let underWay = tx.paymentUnderWay(command.invoice)
    guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
    if let refusal = open.refusal(of: command.amount) { return .refused(refusal) }
    // Paid twice is worse than asked twice: the patient gives the other one up, or it comes through.
    if let other = try underWay.first(as: UUID.self) { return .refused(.underWay(payment: ID(other))) }
    let payment = command.payment.uuid
    tx.queue(
        """
        INSERT INTO payment (id, patient, invoice, amount, currency, method, state, started_by, ended_at)
        VALUES (\(payment), \(command.patient.uuid), \(open.id), \(command.amount.amount), \(open.currency), 'cash', 'captured',
            \(actor.account?.uuid), now())
        """)
    let (taken, _) = LinePart.take(command.amount.amount, from: open.lines)
    Entry(
        kind: .payment, patient: command.patient, invoice: open.id, currency: open.currency, about: payment, by: actor.account,
        postings: [Posting(account: .cash, amount: taken.total)] + taken.credits
    ).write(in: tx)
    try tx.emit(PaymentCaptured(payment: command.payment, invoice: command.invoice, patient: command.patient))
    return .done(Done())
}

@Sendable func refusalOfCash(_ command: TakeCash, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> PaymentRefusal? {
    constraint == "payment_once" ? .idInUse : nil
}
