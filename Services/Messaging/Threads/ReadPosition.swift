internal import Access
internal import Contracts
internal import MessageBus
internal import Postgres

/// Positions only grow, and whatever is seen to be changed has another: what they come to is the same only while nothing has happened.
@Sendable func readPosition(_ query: ReadPosition, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadPosition> {
    let which: SQL = query.thread.map { "AND t.id = \($0.uuid)" } ?? ""
    let position = try await tx.last(
        """
        SELECT coalesce(sum(\(ThreadRow.position)), 0)::bigint FROM thread t
        WHERE t.patient = \(query.patient.uuid) AND \(ThreadRow.isVisible(to: actor)) \(which)
        """, as: Int.self)
    return .done(ThreadsPosition(position: position.first ?? 0))
}
