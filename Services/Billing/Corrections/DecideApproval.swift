internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension Corrections {
    /// Whoever asked may take it back, but not approve it. What is approved is looked at again: the bill may have changed.
    @Sendable func decideApproval(_ command: DecideApproval, _ actor: Actor, _ tx: Transaction) async throws -> Answer<DecideApproval> {
        tx.lockBills(of: command.patient)
        let row = try await tx.first(
            """
            SELECT kind, invoice, payment, takes_off, amount, currency, reason, asked_by FROM approval
            WHERE id = \(command.approval.uuid) AND patient = \(command.patient.uuid) AND state = 'waiting' FOR UPDATE
            """, as: String.self, UUID.self, UUID?.self, Bool.self, Int.self, String.self, String.self, UUID?.self)
        guard let (kind, invoice, payment, takesOff, amount, currency, reason, asker) = row else { return .refused(.notFound) }
        let id = command.approval.uuid
        if command.approves {
            guard let second = actor.account, second.uuid != asker else { return .refused(.own) }
            if let payment {
                let refund = PlannedRefund(
                    id: id, payment: payment, patient: command.patient, amount: Money(amount, currency), reason: reason, takesOff: takesOff,
                    askedBy: asker.map { ID($0) })
                guard try await refund.refusal(in: tx) == nil else { return .refused(.notPossible) }
                try await refund.begin(in: tx)
            } else {
                guard let open = try await OpenInvoice.lock(ID(invoice), of: command.patient, in: tx),
                    open.refusal(of: Money(amount, currency)) == nil
                else { return .refused(.notPossible) }
                open.takeOff(amount, isWriteOff: kind == "write-off", of: command.patient, about: id, reason: reason, by: second, in: tx)
            }
        }
        tx.queue(
            """
            UPDATE approval SET state = \(command.approves ? "approved" : "declined"), decided_at = now(), decided_by = \(actor.account?.uuid)
            WHERE id = \(id)
            """)
        return .done(Done())
    }
}
