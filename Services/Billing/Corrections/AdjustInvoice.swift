internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

extension Corrections {
    /// Lowers what is owed, the first lines first; above the limit once a second person says so.
    @Sendable func adjustInvoice(_ command: AdjustInvoice, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AdjustInvoice> {
        guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
        if let refusal = open.refusal(of: command.amount) { return .refused(refusal) }
        guard !needsSecond(command.amount) else {
            AskedCorrection(
                id: command.key, kind: command.isWriteOff ? "write-off" : "credit", patient: command.patient, invoice: open.id,
                amount: command.amount, reason: command.reason, by: actor.account
            ).keep(in: tx)
            return .done(Done())
        }
        open.takeOff(
            command.amount.amount, isWriteOff: command.isWriteOff, of: command.patient, about: command.key, reason: command.reason.rawValue,
            by: actor.account, in: tx)
        return .done(Done())
    }
}

extension OpenInvoice {
    func takeOff(
        _ amount: Int, isWriteOff: Bool, of patient: ID<Patient>, about: UUID, reason: String, by account: ID<Account>?, in tx: Transaction
    ) {
        let (taken, _) = LinePart.take(amount, from: lines)
        Entry(
            kind: isWriteOff ? .writeOff : .credit, patient: patient, invoice: id, currency: currency, about: about, reason: reason, by: account,
            postings: taken.credits + [Posting(account: isWriteOff ? .writeOffs : .credits, amount: taken.total)]
        ).write(in: tx)
    }
}
