internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    /// Takes back what the other side has not read. The row stays; nobody is shown its words.
    @Sendable func retractMessage(_ command: RetractMessage, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RetractMessage> {
        guard let row = try await ThreadRow.locked(command.thread, of: command.patient, for: actor, tx) else { return .refused(.notFound) }
        let found = try await tx.first(
            """
            SELECT read_at IS NOT NULL, retracted_at IS NOT NULL FROM message
            WHERE id = \(command.message.uuid) AND thread = \(command.thread.uuid) AND account = \(actor.account?.uuid) FOR UPDATE
            """, as: Bool.self, Bool.self)
        guard let (isRead, isRetracted) = found else { return .refused(.notFound) }
        guard !isRead else { return .refused(.alreadyRead) }
        guard !isRetracted else { return .done(MessageTaken(thread: command.thread, version: row.version)) }
        tx.queue("UPDATE message SET retracted_at = \(row.now) WHERE id = \(command.message.uuid)")
        // Whose turn it is follows from the last message that is still there; what is closed stays so.
        let last = try await tx.first(
            """
            SELECT from_patient FROM message WHERE thread = \(command.thread.uuid) AND retracted_at IS NULL ORDER BY at DESC, id DESC LIMIT 1
            """, as: Bool.self)
        let state: ThreadState =
            switch last {
            case _ where row.state == .closed: .closed
            case true?: .waiting
            case false?: .answered
            case nil: .closed
            }
        let level = state == .waiting ? row.level : 0
        tx.queue(
            """
            UPDATE thread SET version = version + 1, state = \(state.rawValue), level = \(level),
                next_at = CASE WHEN \(state == .waiting) THEN coalesce(next_at, \(row.now)) END
            WHERE id = \(command.thread.uuid)
            """)
        try tx.emit(TaskChanged(thread: command.thread, version: row.version + 1, patient: command.patient, state: state, level: level))
        return .done(MessageTaken(thread: command.thread, version: row.version + 1))
    }
}
