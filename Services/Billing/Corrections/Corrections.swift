internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// What answers about refunds, credits and write-offs go by.
struct Corrections: Sendable {
    /// Above it a second person decides, in the smallest unit of the bill's currency.
    let limit: Int

    func needsSecond(_ amount: Money) -> Bool { amount.amount > limit }
}

/// What waits for a second person, as it was asked.
struct AskedCorrection: Sendable {
    var id: UUID
    var kind: String
    var patient: ID<Patient>
    var invoice: UUID
    var payment: UUID?
    var takesOff = false
    var amount: Money
    var reason: AdjustmentReason
    var by: ID<Account>?

    func keep(in tx: Transaction) {
        tx.queue(
            """
            INSERT INTO approval (id, kind, patient, invoice, payment, takes_off, amount, currency, reason, asked_by)
            VALUES (\(id), \(kind), \(patient.uuid), \(invoice), \(payment), \(takesOff), \(amount.amount), \(amount.currency), \(reason.rawValue),
                \(by?.uuid))
            """)
    }
}

extension ApprovalLine {
    /// What waits, oldest first. - Parameter condition: on `a`.
    static func later(where condition: SQL, limit: Int, in tx: Transaction) -> Later {
        tx.later(
            """
            SELECT a.id, a.patient, a.invoice, a.kind, a.amount, a.currency, a.reason, a.asked_at, a.asked_by FROM approval a
            WHERE a.state = 'waiting' AND \(condition) ORDER BY a.asked_at, a.id LIMIT \(limit)
            """)
    }

    /// - Parameter rows: what `later` asked for.
    static func all(_ rows: Later) throws -> [ApprovalLine] {
        try rows.all(as: UUID.self, UUID.self, UUID.self, String.self, Int.self, String.self, String.self, Date.self, UUID?.self).map {
            ApprovalLine(
                approval: ID($0.0), patient: ID($0.1), invoice: ID($0.2), kind: $0.3, amount: Money($0.4, $0.5), reason: $0.6, asked: $0.7,
                askedBy: $0.8.map { ID($0) })
        }
    }
}

extension Corrections {
    /// What is taken off, given back, undone or void, and what a second person says to it.
    func answerCorrections(_ service: Registry) {
        service.answer(AdjustInvoice.self, to: .office, with: adjustInvoice)
        service.answer(ReverseAdjustment.self, to: .office, with: reverseAdjustment, refusing: refusalOfReversal)
        service.answer(RefundPayment.self, to: .office, with: refundPayment, refusing: refusalOfRefund)
        service.answer(VoidCharge.self, to: .office, with: voidCharge)
        service.answer(CancelInvoice.self, to: .office, with: cancelInvoice)
        service.answer(DecideApproval.self, to: .office, with: decideApproval)
    }
}
