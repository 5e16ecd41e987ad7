internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

@Sendable func readInboxPosition(_ query: ReadInboxPosition, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadInboxPosition> {
    let position = try await tx.last(inboxPosition(for: actor), as: Int.self)
    return .done(ThreadsPosition(position: position.first ?? 0))
}

/// Of what a page of the inbox can show: who waits, and what was answered or closed not long ago.
func inboxPosition(for actor: Actor) -> SQL {
    """
    SELECT coalesce(sum(\(ThreadRow.position)), 0)::bigint FROM thread t
    WHERE (t.state = 'waiting' OR t.changed_at > now() - interval '30 days') AND \(ThreadRow.isVisible(to: actor))
    """
}
