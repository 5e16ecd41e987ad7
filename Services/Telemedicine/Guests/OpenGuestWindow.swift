internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// As the others' windows: the newest counts. Who had left waits again.
    @Sendable func openGuestWindow(_ command: OpenGuestWindow, _ actor: Actor, _ tx: Transaction) async throws -> Answer<OpenGuestWindow> {
        guard let (row, guest) = try await found(command.pass, locked: true, tx) else { return .refused(.notFound) }
        guard try await takeTicket(command.digest, of: guest.id, for: row, tx) else { return .refused(.noTicket) }
        guard !row.state.isOver, row.isInTime, guest.state != .removed else { return .refused(.over) }
        tx.queue(
            """
            UPDATE call_guest SET guest_window = \(command.window.uuid), guest_opening = \(command.key),
                state = CASE state WHEN 'left' THEN 'waiting' ELSE state END
            WHERE id = \(guest.id)
            """)
        if let before = guest.window, before != command.window.uuid { forgetSignals(to: before, tx) }
        try await tell(row, tx)
        return .done(Done())
    }
}
