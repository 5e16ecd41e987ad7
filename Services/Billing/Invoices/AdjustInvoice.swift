internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Lowers what is owed, the first lines first.
@Sendable func adjustInvoice(_ command: AdjustInvoice, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AdjustInvoice> {
    guard let open = try await OpenInvoice.lock(command.invoice, of: command.patient, in: tx) else { return .refused(.notFound) }
    if let refusal = open.refusal(of: command.amount) { return .refused(refusal) }
    let (taken, _) = LinePart.take(command.amount.amount, from: open.lines)
    Entry(
        kind: command.isWriteOff ? .writeOff : .credit, patient: command.patient, invoice: open.id, currency: open.currency, about: command.key,
        reason: command.reason.rawValue, by: actor.account,
        postings: taken.credits + [Posting(account: command.isWriteOff ? .writeOffs : .credits, amount: taken.total)]
    ).write(in: tx)
    return .done(Done())
}
