internal import Access
internal import Contracts
internal import Postgres

/// Every line that still counts is void, or none.
@Sendable func cancelInvoice(_ command: CancelInvoice, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CancelInvoice> {
    let void = VoidedLines(patient: command.patient, reason: command.reason.rawValue, by: actor.account)
    if let refusal = try await void.write(command.invoice, in: tx) { return .refused(refusal) }
    return .done(Done())
}
