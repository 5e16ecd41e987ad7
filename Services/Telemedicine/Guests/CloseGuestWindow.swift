internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// What waits for it stays: it may be opened again.
    @Sendable func closeGuestWindow(_ command: CloseGuestWindow, _ actor: Actor, _ tx: Transaction) async throws -> Answer<CloseGuestWindow> {
        guard let (row, guest) = try await found(command.pass, locked: true, tx) else { return .refused(.notFound) }
        let closed = try await tx.run(
            """
            UPDATE call_guest SET guest_window = NULL
            WHERE id = \(guest.id) AND guest_window = \(command.window.uuid) AND guest_opening = \(command.opening)
            """)
        if closed > 0 { try await tell(row, tx) }
        return .done(Done())
    }
}
