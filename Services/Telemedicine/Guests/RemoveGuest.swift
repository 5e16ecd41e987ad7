internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// Their link and their browser are good for nothing from then on.
    @Sendable func removeGuest(_ command: RemoveGuest, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RemoveGuest> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx),
            let guest = try await GuestRow.one(command.guest, of: row, tx)
        else { return .refused(.notFound) }
        guard guest.state != .removed else { return .done(Done()) }
        tx.queue("UPDATE call_guest SET state = 'removed', removed_at = \(row.now), guest_window = NULL WHERE id = \(guest.id)")
        if let window = guest.window { forgetSignals(to: window, tx) }
        try await tell(row, tx)
        return .done(Done())
    }
}
