internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension CallStore {
    /// For a visit that is still to come or goes on. The name is the visit's: however often somebody tries, the quota is one window's.
    @Sendable func readTestRelay(_ query: ReadTestRelay, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadTestRelay> {
        guard let row = try await CallRow.one(query.appointment, of: query.patient, tx) else { return .refused(.notFound) }
        guard !row.state.isOver else { return .refused(.notNow(row.state)) }
        return .done(TestRelay(relay: relay?.credentials(for: row.id, at: row.now)))
    }
}
