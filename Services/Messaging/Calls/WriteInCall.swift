internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    /// While the two speak to each other. Nobody has to answer: the thread is closed from the start, and a message after the visit opens it.
    @Sendable func writeInCall(_ command: WriteInCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<WriteInCall> {
        guard let subject = words(command.subject), let text = words(command.text) else { return .refused(.empty) }
        guard subject.count <= Self.longestSubject, text.count <= Self.longest else { return .refused(.tooLong) }
        takeTurn(of: command.patient, tx)
        let pool = tx.later("SELECT p.code, p.zone, clock_timestamp() FROM purpose u JOIN pool p ON p.code = u.pool WHERE u.code = 'medical'")
        let isUnderWay = try await tx.first(
            """
            SELECT true FROM call_visit WHERE appointment = \(command.appointment.uuid) AND patient = \(command.patient.uuid)
                AND started_at IS NOT NULL AND (ended_at IS NULL OR ended_at < started_at)
            """, as: Bool.self)
        guard isUnderWay == true else { return .refused(.closed) }
        guard let (code, zone, now) = try pool.first(as: String.self, String?.self, Date.self), let zone else { throw TryLater("no-zone") }
        let thread = ID<MessageThread>(of: command.appointment)
        let kept = try await tx.first(
            """
            INSERT INTO thread (id, patient, purpose, subject, state, pool, waiting_since, promised_at, zone, opened_at, changed_at)
            VALUES (\(thread.uuid), \(command.patient.uuid), 'medical',
                \(try sealed(subject, of: command.patient, "thread", "subject", row: thread.uuid)), 'closed', \(code), \(now), \(now), \(zone),
                \(now), \(now))
            ON CONFLICT ON CONSTRAINT thread_once DO UPDATE SET version = thread.version + 1, changed_at = excluded.changed_at
            RETURNING version, state, level
            """, as: Int.self, String.self, Int.self)
        guard let (version, state, level) = kept else { throw TryLater("no-thread") }
        // It is read where it is written: nobody is sent a letter about it.
        try insert(command.key, in: thread, of: command.patient, text, by: actor, at: now, isTold: false, tx)
        try tx.emit(
            TaskChanged(thread: thread, version: version, patient: command.patient, state: ThreadState(rawValue: state) ?? .closed, level: level))
        return .done(MessageTaken(thread: thread, version: version))
    }
}
