internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// The same postings with the other sign: both stay in the books.
@Sendable func reverseAdjustment(_ command: ReverseAdjustment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReverseAdjustment> {
    tx.lockBills(of: command.patient)
    let entry = command.entry.uuid
    let found = tx.later(
        """
        SELECT invoice, currency, EXISTS (SELECT FROM entry r WHERE r.kind = 'reversal' AND r.about = e.id)
        FROM entry e WHERE id = \(entry) AND patient = \(command.patient.uuid) AND kind IN ('credit', 'write-off')
        """)
    let postings = try await tx.all(
        "SELECT account, charge, amount FROM posting WHERE entry = \(entry) ORDER BY place", as: LedgerAccount.self, UUID?.self, Int.self)
    guard let (invoice, currency, isReversed) = try found.first(as: UUID.self, String.self, Bool.self) else { return .refused(.notFound) }
    guard !isReversed else { return .refused(.alreadyReversed) }
    Entry(
        kind: .reversal, patient: command.patient, invoice: invoice, currency: currency, about: entry, by: actor.account,
        postings: postings.map { Posting(account: $0.0, charge: $0.1, amount: -$0.2) }
    ).write(in: tx)
    return .done(Done())
}

@Sendable func refusalOfReversal(
    _ command: ReverseAdjustment, _ constraint: String, _ actor: Actor, _ tx: Transaction
) async throws -> ReversalRefusal? {
    constraint == "entry_once" ? .alreadyReversed : nil
}
