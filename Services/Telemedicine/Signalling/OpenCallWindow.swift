internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension CallStore {
    /// The ticket must be this person's, for this call, unused and in time. The newest window of a side is the one that counts.
    @Sendable func openCallWindow(_ command: OpenCallWindow, _ actor: Actor, _ tx: Transaction) async throws -> Answer<OpenCallWindow> {
        guard let row = try await CallRow.locked(command.appointment, of: command.patient, tx) else { return .refused(.notFound) }
        guard let account = actor.account, try await takeTicket(command.digest, of: account.uuid, for: row, tx) else { return .refused(.noTicket) }
        guard !row.state.isOver, row.isInTime else { return .refused(.notNow(row.state)) }
        let side: SQL = actor.role == .patient ? "patient" : "clinician"
        let isBack: SQL = actor.role == .patient ? ", window_gone_at = NULL" : ""
        tx.queue(
            """
            UPDATE call SET version = version + 1, \(side)_window = \(command.window.uuid), \(side)_opening = \(command.key)\(isBack)
            WHERE id = \(row.id)
            """)
        // What was meant for another window is of no use to this one.
        if let before = row.window(of: actor), before != command.window.uuid { forgetSignals(to: before, tx) }
        if row.state.isOpen, row.otherWindow(of: actor) != nil { try meet(row, from: row.state, tx) }
        return .done(try await changed(row.id, for: actor, tx))
    }

    /// - Returns: whether it was theirs, for this call, unused and in time; it is used now.
    func takeTicket(_ digest: Data, of account: UUID, for row: CallRow, _ tx: Transaction) async throws -> Bool {
        let used = try await tx.run(
            """
            UPDATE call_ticket SET used_at = clock_timestamp() WHERE digest = \(Array(digest)) AND call = \(row.id)
                AND account = \(account) AND used_at IS NULL AND expires_at > clock_timestamp()
            """)
        return used == 1
    }
}
