internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Corrections {
    /// Cash is given back at once; what came from a card is asked of the processor once this is committed. Above the limit a second person decides.
    @Sendable func refundPayment(_ command: RefundPayment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RefundPayment> {
        tx.lockBills(of: command.patient)
        let row = try await tx.first(
            "SELECT invoice FROM payment WHERE id = \(command.payment.uuid) AND patient = \(command.patient.uuid)", as: UUID.self)
        guard let invoice = row else { return .refused(.notFound) }
        let refund = PlannedRefund(
            id: command.refund.uuid, payment: command.payment.uuid, patient: command.patient, amount: command.amount, reason: command.reason.rawValue,
            takesOff: command.takesOff, askedBy: actor.account)
        if let refusal = try await refund.refusal(in: tx) { return .refused(refusal) }
        if needsSecond(command.amount) {
            AskedCorrection(
                id: refund.id, kind: "refund", patient: refund.patient, invoice: invoice, payment: refund.payment, takesOff: refund.takesOff,
                amount: refund.amount, reason: command.reason, by: actor.account
            ).keep(in: tx)
        } else {
            try await refund.begin(in: tx)
        }
        return .done(Done())
    }
}

/// A refund before it is begun.
struct PlannedRefund: Sendable {
    let id: UUID
    let payment: UUID
    let patient: ID<Patient>
    let amount: Money
    let reason: String
    let takesOff: Bool
    let askedBy: ID<Account>?

    /// Why so much of that payment cannot be given back; nil where it can. The patient's bills are locked before.
    func refusal(in tx: Transaction) async throws -> RefundRefusal? {
        let row = try await tx.first(
            """
            SELECT p.currency, p.amount - (SELECT coalesce(sum(r.amount), 0)::bigint FROM refund r WHERE r.payment = p.id AND r.state <> 'failed'),
                EXISTS (SELECT FROM dispute d WHERE d.payment = p.id AND d.state <> 'won')
            FROM payment p WHERE p.id = \(payment) AND p.patient = \(patient.uuid) AND p.state = 'captured'
            """, as: String.self, Int.self, Bool.self)
        guard let (currency, left, isDisputed) = row else { return .notFound }
        if amount.amount <= 0 { return .invalidAmount }
        if amount.currency != currency { return .otherCurrency(currency: currency) }
        if isDisputed { return .disputed }
        return amount.amount > left ? .tooMuch(left: left) : nil
    }

    func begin(in tx: Transaction) async throws {
        let method = try await tx.first("SELECT method FROM payment WHERE id = \(payment)", as: String.self)
        tx.queue(
            """
            INSERT INTO refund (id, payment, patient, amount, reason, takes_off, state, asked_by, next_at)
            VALUES (\(id), \(payment), \(patient.uuid), \(amount.amount), \(reason), \(takesOff), 'requested', \(askedBy?.uuid),
                CASE WHEN \(method) = 'card' THEN now() END)
            """)
        if method == "cash" { try await settleRefund(id, in: tx) }
    }
}

@Sendable func refusalOfRefund(_ command: RefundPayment, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> RefundRefusal? {
    constraint == "refund_once" || constraint == "approval_once" ? .idInUse : nil
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
