internal import Access
internal import Contracts
internal import Postgres

/// Who waits: calls by when they were promised, then everybody in the order they came.
@Sendable func readWaitingList(_ query: ReadWaitingList, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadWaitingList> {
    .done(
        try await Waitings.read(
            "w.state = 'open' ORDER BY w.kind = 'call' DESC, w.promised_at, w.joined_at, w.id LIMIT \(Waitings.shown)", total: "w.state = 'open'",
            in: tx))
}
