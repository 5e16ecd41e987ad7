internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    /// Writes in a thread. From the patient it is the clinic's turn then, from the clinic the patient's.
    @Sendable func writeMessage(_ command: WriteMessage, _ actor: Actor, _ tx: Transaction) async throws -> Answer<WriteMessage> {
        guard let text = words(command.text) else { return .refused(.empty) }
        guard text.count <= Self.longest, command.attachment.isNamed else { return .refused(.tooLong) }
        let locked = ThreadRow.lock(command.thread, of: command.patient, for: actor, tx)
        let isThere = tx.later(
            """
            SELECT true FROM message WHERE thread = \(command.thread.uuid) AND account = \(actor.account?.uuid) AND digest = \(digest(text))
                AND attachment IS NOT DISTINCT FROM \(command.attachment?.document.uuid)
                AND at > now() - interval '10 minutes' AND retracted_at IS NULL LIMIT 1
            """)
        let urgency = actor.isPatientSide ? Urgency(tx) : nil
        try await tx.flush()
        guard let row = try ThreadRow(locked) else { return .refused(.notFound) }
        let state: ThreadState = actor.isPatientSide ? .waiting : .answered
        // Sent twice, or from two devices. Once the other side has answered or closed it, the same words say something new.
        if try state == row.state && isThere.first(as: Bool.self) == true {
            return .done(MessageTaken(thread: command.thread, version: row.version))
        }
        let refusal =
            if let urgency { try await ask(command, row, isUrgent: urgency.isFound(in: text), tx) } else { answer(command, row, actor, tx) }
        if let refusal { return .refused(refusal) }
        try insert(
            command.key, in: command.thread, of: command.patient, text, with: command.attachment, by: actor, at: row.now, tx)
        let level = state == row.state ? row.level : 0
        try tx.emit(TaskChanged(thread: command.thread, version: row.version + 1, patient: command.patient, state: state, level: level))
        return .done(MessageTaken(thread: command.thread, version: row.version + 1))
    }

    /// What waits already keeps its promise; what was answered gets a new one.
    private func ask(_ command: WriteMessage, _ row: ThreadRow, isUrgent: Bool, _ tx: Transaction) async throws -> MessageRefusal? {
        guard !row.isTooOld else { return .closed }
        guard let promise = try await next(row, tx) else { return .notFound }
        guard promise.isShown(as: command.promised) else { return .promised(promise) }
        guard !isUrgent || command.knowsUrgent else { return .urgent }
        guard row.state != .waiting else {
            tx.queue(
                """
                UPDATE thread SET version = version + 1, changed_at = \(row.now), is_urgent = is_urgent OR \(isUrgent)
                WHERE id = \(command.thread.uuid)
                """)
            return nil
        }
        tx.queue(
            """
            UPDATE thread SET version = version + 1, state = 'waiting', changed_at = \(row.now), waiting_since = \(row.now), level = 0,
                promised_at = \(promise.by.instant), zone = \(promise.by.zone), next_at = \(row.now.soon(before: promise.by.instant)),
                owner = CASE WHEN owner_account IS NULL THEN \(promise.owner?.uuid)::uuid END, is_urgent = is_urgent OR \(isUrgent)
            WHERE id = \(command.thread.uuid)
            """)
        return nil
    }

    /// What a patient's next message in a thread is promised.
    func next(_ row: ThreadRow, _ tx: Transaction) async throws -> AnswerPromise? {
        guard row.state == .waiting else { return try await Promises.read(pool: row.pool, wanted: row.asked, tx) }
        return AnswerPromise(pool: row.pool, owner: row.owner.map { ID($0) }, by: row.promised)
    }

    /// Whoever answers has it from then on, unless somebody had it before.
    private func answer(_ command: WriteMessage, _ row: ThreadRow, _ actor: Actor, _ tx: Transaction) -> MessageRefusal? {
        guard command.version == row.version else { return .changedMeanwhile }
        tx.queue(
            """
            UPDATE thread SET version = version + 1, state = 'answered', changed_at = \(row.now), level = 0, next_at = NULL, is_urgent = false,
                owner = CASE WHEN owner_account IS NULL THEN coalesce(owner, \(actor.practitioner?.uuid)::uuid) END,
                owner_account = CASE WHEN owner IS NULL AND \(actor.practitioner == nil) THEN coalesce(owner_account, \(actor.account?.uuid)::uuid)
                    ELSE owner_account END
            WHERE id = \(command.thread.uuid)
            """)
        return nil
    }
}
