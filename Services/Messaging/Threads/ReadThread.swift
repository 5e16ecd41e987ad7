internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension ThreadStore {
    private static let shown = 200

    /// A thread, and what a next message in it would be promised.
    @Sendable func readThread(_ query: ReadThread, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadThread> {
        let (thread, patient) = (query.thread.uuid, query.patient.uuid)
        let found = try await lines(
            "WHERE t.id = \(thread) AND t.patient = \(patient) AND \(ThreadRow.isVisible(to: actor))", for: actor, tx)
        guard let line = found.first else { return .refused(.notFound) }
        let total = tx.later("SELECT count(*) FROM message WHERE thread = \(thread)")
        let wanted = tx.later(
            """
            SELECT \(ThreadRow.asked), state = 'closed' AND changed_at < now() - make_interval(days => \(Self.reopensFor)::int), now()
            FROM thread t WHERE id = \(thread)
            """)
        let members = actor.isPatientSide ? nil : tx.later(
            """
            SELECT s.practitioner FROM serving s
            WHERE s.pool = \(line.pool) AND away_until(s.practitioner, now(), \(line.promised.instant)) IS NULL ORDER BY 1 LIMIT 100
            """)
        let pools = actor.isPatientSide ? nil : tx.later("SELECT code FROM pool WHERE code <> \(line.pool) ORDER BY code")
        let rows = try await tx.all(
            """
            SELECT id, at, from_patient, practitioner, account, body, retracted_at, read_at, read_by, attachment, attachment_name
            FROM message WHERE thread = \(thread) ORDER BY at DESC, id DESC LIMIT \(Self.shown)
            """, as: UUID.self, Date.self, Bool.self, UUID?.self, UUID?.self, [UInt8].self, Date?.self, Date?.self, UUID?.self,
            UUID?.self, [UInt8]?.self)
        let messages = rows.reversed().map { row in
            let attachment: MessageAttachment? =
                if row.6 == nil, let document = row.9, let name = row.10 {
                    MessageAttachment(document: ID(document), name: opened(name, of: patient, "message", "attachment_name", row: row.0))
                } else { nil }
            return MessageLine(
                message: ID(row.0), at: row.1, isFromPatient: row.2, practitioner: row.3.map { ID($0) },
                isOwn: row.4 != nil && row.4 == actor.account?.uuid,
                text: row.6 == nil ? opened(row.5, of: patient, "message", "body", row: row.0) : "", retracted: row.6, read: row.7,
                readBy: row.8.map { ID($0) }, attachment: attachment)
        }
        let (asked, isTooOld, now) = try wanted.first(as: UUID?.self, Bool.self, Date.self) ?? (nil, true, Date())
        var next: AnswerPromise?
        if actor.isPatientSide, !isTooOld {
            next =
                if line.state == .waiting {
                    AnswerPromise(pool: line.pool, owner: line.owner, by: line.promised)
                } else { try await Promises.read(pool: line.pool, wanted: asked, tx) }
        }
        return .done(
            ThreadView(
                line: line, messages: messages, total: try total.first(as: Int.self) ?? messages.count, next: next,
                members: try members?.all(as: UUID.self).map { ID($0) } ?? [], pools: try pools?.all(as: String.self) ?? [], asOf: now))
    }
}
