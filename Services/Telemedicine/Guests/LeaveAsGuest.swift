internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Their window is gone at once. The browser stays theirs: who comes back waits to be let in, as before.
    @Sendable func leaveAsGuest(_ command: LeaveAsGuest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<LeaveAsGuest> {
        guard let (row, guest) = try await found(command.pass, locked: true, tx) else { return .refused(.notFound) }
        guard guest.state != .removed, !row.state.isOver else { return .refused(.over) }
        guard guest.state != .left else { return .done(Done()) }
        tx.queue("UPDATE call_guest SET state = 'left', guest_window = NULL, guest_opening = NULL WHERE id = \(guest.id)")
        if let window = guest.window { forgetSignals(to: window, tx) }
        try await tell(row, tx)
        return .done(Done())
    }
}
