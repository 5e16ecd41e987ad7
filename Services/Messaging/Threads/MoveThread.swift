internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    /// Who has a thread, and whether anything is still to be done: over the version that was seen.
    @Sendable func moveThread(_ command: MoveThread, _ actor: Actor, _ tx: Transaction) async throws -> Answer<MoveThread> {
        let thread = command.thread.uuid
        guard let row = try await ThreadRow.locked(command.thread, of: command.patient, for: actor, tx) else { return .refused(.notFound) }
        guard row.version == command.version else { return .refused(.changedMeanwhile) }
        if row.state == .closed, command.step != .reopen { return .refused(.closed) }
        var (state, level) = (row.state, row.level)
        switch command.step {
        case .take:
            tx.queue(
                """
                UPDATE thread SET version = version + 1, owner = \(actor.practitioner?.uuid)::uuid,
                    owner_account = CASE WHEN \(actor.practitioner == nil) THEN \(actor.account?.uuid)::uuid END
                WHERE id = \(thread)
                """)
        case .give(let practitioner):
            guard try await isServing(practitioner.uuid, row.pool, tx) else { return .refused(.notFound) }
            // Who is away is answered for.
            tx.queue(
                """
                UPDATE thread SET version = version + 1, owner_account = NULL, owner = answering(pool, \(practitioner.uuid), now(), promised_at)
                WHERE id = \(thread)
                """)
        case .handOver(let pool):
            guard pool != row.pool, try await tx.first("SELECT true FROM pool WHERE code = \(pool)", as: Bool.self) == true else {
                return .refused(.notFound)
            }
            // The patient was promised an answer, whoever it is from.
            tx.queue(
                """
                UPDATE thread SET version = version + 1, pool = \(pool), wanted = NULL, owner = NULL, owner_account = NULL WHERE id = \(thread)
                """)
        case .close:
            (state, level) = (.closed, 0)
            tx.queue(
                """
                UPDATE thread SET version = version + 1, state = 'closed', level = 0, next_at = NULL, changed_at = \(row.now)
                WHERE id = \(thread)
                """)
        case .reopen:
            (state, level) = (.waiting, 0)
            guard row.state != .waiting, let promise = try await Promises.read(pool: row.pool, wanted: row.owner, tx) else {
                return .refused(.changedMeanwhile)
            }
            tx.queue(
                """
                UPDATE thread SET version = version + 1, state = 'waiting', level = 0, waiting_since = \(row.now), changed_at = \(row.now),
                    promised_at = \(promise.by.instant), zone = \(promise.by.zone), next_at = \(row.now.soon(before: promise.by.instant)),
                    owner = CASE WHEN owner_account IS NULL THEN \(promise.owner?.uuid)::uuid END
                WHERE id = \(thread)
                """)
        }
        try tx.emit(TaskChanged(thread: command.thread, version: row.version + 1, patient: command.patient, state: state, level: level))
        return .done(MessageTaken(thread: command.thread, version: row.version + 1))
    }

    private func isServing(_ practitioner: UUID, _ pool: String, _ tx: Transaction) async throws -> Bool {
        try await tx.first("SELECT true FROM serving WHERE pool = \(pool) AND practitioner = \(practitioner) LIMIT 1", as: Bool.self) == true
    }
}
