internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Cash is given back at once; what came from a card is asked of the processor once this is committed.
@Sendable func refundPayment(_ command: RefundPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RefundPayment> {
    tx.lockBills(of: command.patient)
    let row = try await tx.first(
        """
        SELECT p.amount, p.currency, p.method, p.amount - (SELECT coalesce(sum(r.amount), 0)::bigint FROM refund r
                WHERE r.payment = p.id AND r.state <> 'failed'), EXISTS (SELECT FROM dispute d WHERE d.payment = p.id AND d.state <> 'won')
        FROM payment p WHERE p.id = \(command.payment.uuid) AND p.patient = \(command.patient.uuid) AND p.state = 'captured'
        """, as: Int.self, String.self, String.self, Int.self, Bool.self)
    guard let (_, currency, method, left, isDisputed) = row else { return .refused(.notFound) }
    guard command.amount.amount > 0 else { return .refused(.invalidAmount) }
    guard command.amount.currency == currency else { return .refused(.otherCurrency(currency: currency)) }
    guard !isDisputed else { return .refused(.disputed) }
    guard command.amount.amount <= left else { return .refused(.tooMuch(left: left)) }
    tx.queue(
        """
        INSERT INTO refund (id, payment, patient, amount, reason, takes_off, state, asked_by, next_at)
        VALUES (\(command.refund.uuid), \(command.payment.uuid), \(command.patient.uuid), \(command.amount.amount), \(command.reason.rawValue),
            \(command.takesOff), 'requested', \(actor.account?.uuid), CASE WHEN \(method) = 'card' THEN now() END)
        """)
    if method == "cash" { try await settleRefund(command.refund.uuid, in: tx) }
    return .done(Done())
}

@Sendable func refusalOfRefund(_ command: RefundPayment, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> RefundRefusal? {
    constraint == "refund_once" ? .idInUse : nil
}

/// The money is back with whoever paid: what the payment had settled is owed again, the last line first; unless it is taken off as well.
/// Done once, however often it is learned.
func settleRefund(_ refund: UUID, processor: String? = nil, in tx: Transaction) async throws {
    let row = try await tx.first(
        """
        SELECT r.patient, r.payment, r.amount, r.takes_off, r.reason, r.asked_by, p.invoice, p.currency, p.method
        FROM refund r JOIN payment p ON p.id = r.payment WHERE r.id = \(refund) AND r.state = 'requested'
        """, as: UUID.self, UUID.self, Int.self, Bool.self, String.self, UUID?.self, UUID.self, String.self, String.self)
    guard let (owner, payment, amount, takesOff, reason, by, invoice, currency, method) = row else { return }
    let patient = ID<Patient>(owner)
    let parts = try await settledParts(of: payment, in: tx)
    let fromHeld = min(amount, parts.held)
    let (taken, rest) = LinePart.take(amount - fromHeld, from: parts.lines.reversed())
    guard rest == 0 else { throw DeadLetter("refund-above-settled") }
    try await tx.run(
        "UPDATE refund SET state = 'done', processor = coalesce(processor, \(processor)), ended_at = now(), next_at = NULL WHERE id = \(refund)")
    Entry(
        kind: .refund, patient: patient, invoice: invoice, currency: currency, about: refund, reason: reason, by: by.map { ID($0) },
        postings: taken.debits + [
            Posting(account: .held, amount: fromHeld), Posting(account: method == "cash" ? .cash : .card, amount: -amount),
        ]
    ).write(in: tx)
    if takesOff, !taken.isEmpty {
        Entry(
            kind: .credit, patient: patient, invoice: invoice, currency: currency, about: refund, reason: reason, by: by.map { ID($0) },
            postings: taken.credits + [Posting(account: .credits, amount: taken.total)]
        ).write(in: tx)
    }
    try tx.emit(PaymentRefunded(refund: ID(refund), payment: ID(payment), patient: patient))
}

/// What a payment settles at this moment: of each line, and what no bill asks for.
func settledParts(of payment: UUID, in tx: Transaction) async throws -> (lines: [LinePart], held: Int) {
    let rows = try await tx.all(
        """
        SELECT p.account, p.charge, -sum(p.amount)::bigint FROM entry e JOIN posting p ON p.entry = e.id
        LEFT JOIN invoice_line l ON l.charge = p.charge
        WHERE p.account IN ('receivable', 'held') AND (e.kind = 'payment' AND e.about = \(payment)
            OR e.kind = 'refund' AND e.about IN (SELECT r.id FROM refund r WHERE r.payment = \(payment))
            OR e.kind = 'dispute-lost' AND e.about IN (SELECT d.id FROM dispute d WHERE d.payment = \(payment)))
        GROUP BY p.account, p.charge, l.place ORDER BY l.place
        """, as: LedgerAccount.self, UUID?.self, Int.self)
    let lines = rows.compactMap { row in row.1.map { LinePart(charge: $0, amount: row.2) } }
    return (lines, rows.filter { $0.0 == .held }.reduce(0) { $0 + $1.2 })
}
