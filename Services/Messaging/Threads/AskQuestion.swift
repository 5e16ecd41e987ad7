internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let mostOpen = 50

    /// Begins a thread, with whoever was promised on the page and until then.
    @Sendable func askQuestion(_ command: AskQuestion, _ actor: Actor, _ tx: Transaction) async throws -> Answer<AskQuestion> {
        let patient = command.patient
        guard let subject = words(command.subject), let text = words(command.text) else { return .refused(.empty) }
        guard subject.count <= Self.longestSubject, text.count <= Self.longest, command.attachment.isNamed else { return .refused(.tooLong) }
        takeTurn(of: patient, tx)
        let twin = tx.later(
            """
            SELECT t.id, t.version FROM message m JOIN thread t ON t.id = m.thread
            WHERE m.patient = \(patient.uuid) AND m.account = \(actor.account?.uuid) AND m.digest = \(digest(text))
                AND t.purpose = \(command.purpose.rawValue) AND m.attachment IS NOT DISTINCT FROM \(command.attachment?.document.uuid)
                AND m.at > now() - interval '10 minutes' AND m.retracted_at IS NULL AND t.state = 'waiting'
            ORDER BY m.at LIMIT 1
            """)
        let open = tx.later("SELECT count(*) FROM thread WHERE patient = \(patient.uuid) AND state <> 'closed'")
        let treats = tx.later(
            """
            SELECT true FROM care WHERE patient = \(patient.uuid) AND practitioner = \(command.practitioner?.uuid) AND valid @> now() LIMIT 1
            """)
        let urgency = Urgency(tx)
        let pool = try await tx.first(
            "SELECT p.code, p.is_clinical FROM purpose u JOIN pool p ON p.code = u.pool WHERE u.code = \(command.purpose.rawValue)",
            as: String.self, Bool.self)
        if let (thread, version) = try twin.first(as: UUID.self, Int.self) { return .done(MessageTaken(thread: ID(thread), version: version)) }
        guard let (pool, isClinical) = pool else { return .refused(.notFound) }
        guard try open.first(as: Int.self) ?? 0 < Self.mostOpen else { return .refused(.tooMany) }
        guard try command.practitioner == nil || isClinical && treats.first(as: Bool.self) == true else { return .refused(.notFound) }
        let clock = tx.later("SELECT clock_timestamp()")
        guard let promise = try await Promises.read(pool: pool, wanted: command.practitioner?.uuid, tx) else { return .refused(.notFound) }
        guard promise.isShown(as: command.promised) else { return .refused(.promised(promise)) }
        let isUrgent = try urgency.isFound(in: "\(subject) \(text)")
        guard !isUrgent || command.knowsUrgent else { return .refused(.urgent) }
        let now = try clock.first(as: Date.self) ?? Date()
        tx.queue(
            """
            INSERT INTO thread (id, patient, purpose, subject, state, pool, wanted, owner, waiting_since, promised_at, zone, next_at, is_urgent,
                opened_at, changed_at, invoice)
            VALUES (\(command.thread.uuid), \(patient.uuid), \(command.purpose.rawValue),
                \(try sealed(subject, of: patient, "thread", "subject", row: command.thread.uuid)), 'waiting', \(pool),
                \(command.practitioner?.uuid), \(promise.owner?.uuid), \(now), \(promise.by.instant), \(promise.by.zone),
                \(now.soon(before: promise.by.instant)), \(isUrgent), \(now), \(now), \(command.invoice?.uuid))
            """)
        try insert(command.key, in: command.thread, of: patient, text, with: command.attachment, by: actor, at: now, tx)
        try tx.emit(TaskChanged(thread: command.thread, version: 1, patient: patient, state: .waiting, level: 0))
        return .done(MessageTaken(thread: command.thread, version: 1))
    }
}
