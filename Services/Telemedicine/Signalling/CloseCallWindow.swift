internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// A window that another has replaced is gone already. What waits for it stays: it may be opened again.
    @Sendable func closeCallWindow(_ command: CloseCallWindow, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CloseCallWindow> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        let side: SQL = actor.role == .patient ? "patient" : "clinician"
        let isStill = try await tx.first(
            "SELECT \(side)_window = \(command.window.uuid) AND \(side)_opening = \(command.opening) FROM call WHERE id = \(row.id)", as: Bool?.self)
        guard isStill == true else { return .done(Done()) }
        let next = row.state.after(.drop) ?? row.state
        let isGone: SQL = actor.role == .patient ? ", window_gone_at = \(row.now)" : ""
        tx.queue("UPDATE call SET version = version + 1, \(side)_window = NULL, state = \(next.rawValue)\(isGone) WHERE id = \(row.id)")
        _ = try await changed(row.id, for: actor, tx)
        return .done(Done())
    }
}
