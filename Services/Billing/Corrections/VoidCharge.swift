internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Nothing is changed: the charge stays, and beside it stands that it does not count.
@Sendable func voidCharge(_ command: VoidCharge, _ actor: Actor, _ tx: Transaction) async throws -> Answer<VoidCharge> {
    tx.lockBills(of: command.patient)
    let row = try await tx.first(
        """
        SELECT l.invoice, EXISTS (SELECT FROM charge_void v WHERE v.charge = c.id) FROM charge c LEFT JOIN invoice_line l ON l.charge = c.id
        WHERE c.id = \(command.charge.uuid) AND c.patient = \(command.patient.uuid)
        """, as: UUID?.self, Bool.self)
    guard let (invoice, isVoid) = row else { return .refused(.notFound) }
    guard !isVoid else { return .refused(.alreadyVoid) }
    let void = VoidedLines(patient: command.patient, reason: command.reason.rawValue, by: actor.account)
    guard let invoice else {
        void.write(command.charge.uuid, in: tx)
        return .done(Done())
    }
    if let refusal = try await void.write(ID(invoice), only: command.charge.uuid, in: tx) { return .refused(refusal) }
    return .done(Done())
}

struct VoidedLines: Sendable {
    let patient: ID<Patient>
    let reason: String
    let by: ID<Account>?

    /// Only what is owed as it was charged can be void: money that came for it has to go somewhere first.
    /// - Parameter only: one of its lines; nil for all.
    func write(_ invoice: ID<Invoice>, only charge: UUID? = nil, in tx: Transaction) async throws -> VoidRefusal? {
        tx.lockBills(of: patient)
        let underWay = tx.paymentUnderWay(invoice)
        guard let open = try await OpenInvoice.lock(invoice, of: patient, in: tx) else { return .notFound }
        if let other = try underWay.first(as: UUID.self) { return .underWay(payment: ID(other)) }
        let lines = try await tx.all(
            """
            SELECT c.id, c.amount FROM invoice_line l JOIN charge c ON c.id = l.charge
            WHERE l.invoice = \(invoice.uuid) AND l.patient = \(patient.uuid) AND NOT EXISTS (SELECT FROM charge_void v WHERE v.charge = c.id)
            ORDER BY l.place
            """, as: UUID.self, Int.self
        ).filter { charge == nil || $0.0 == charge }
        guard !lines.isEmpty else { return .alreadyVoid }
        guard lines.allSatisfy({ open.lines.contains(LinePart(charge: $0.0, amount: $0.1)) }) else { return .notWhollyOwed }
        for (charge, amount) in lines {
            write(charge, in: tx)
            Entry(
                kind: .void, patient: patient, invoice: open.id, currency: open.currency, about: charge, reason: reason, by: by,
                postings: [Posting(account: .receivable, charge: charge, amount: -amount), Posting(account: .revenue, amount: amount)]
            ).write(in: tx)
        }
        return nil
    }

    /// A visit with nothing charged any more waits for the office again.
    func write(_ charge: UUID, in tx: Transaction) {
        tx.queue("INSERT INTO charge_void (charge, patient, reason, made_by) VALUES (\(charge), \(patient.uuid), \(reason), \(by?.uuid))")
        tx.queue(
            """
            UPDATE line_dispute SET state = 'corrected', settled_at = now(), settled_by = \(by?.uuid) WHERE charge = \(charge) AND state = 'open'
            """)
        tx.queue(
            """
            UPDATE encounter n SET state = 'missing' WHERE n.id = (SELECT encounter FROM charge WHERE id = \(charge)) AND n.state = 'charged'
                AND NOT EXISTS (SELECT FROM charge c WHERE c.encounter = n.id AND NOT EXISTS (SELECT FROM charge_void v WHERE v.charge = c.id))
            """)
    }
}
