internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

extension ThreadStore {
    @Sendable func readOutreaches(_ query: ReadOutreaches, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadOutreaches> {
        let total = tx.later("SELECT count(*) FROM outreach o WHERE \(Self.isSeen(by: actor))")
        let lines = try await outreaches("WHERE \(Self.isSeen(by: actor)) ORDER BY o.made_at DESC, o.id LIMIT 50", for: actor, tx).map(\.line)
        return .done(Outreaches(outreaches: lines, total: try total.first(as: Int.self) ?? lines.count))
    }
}
