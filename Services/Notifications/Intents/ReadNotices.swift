internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Everything planned for an appointment, by the time it was due.
func readNotices(_ query: ReadNotices, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadNotices> {
    let rows = try await tx.all(
        """
        SELECT id, kind, channel, state, reason, due_at, due_local, due_zone, sent_at
        FROM intent WHERE appointment = \(query.appointment.uuid) ORDER BY due_at, version, kind, channel LIMIT 200
        """, as: UUID.self, String.self, String.self, String.self, String?.self, Date.self, String.self, String.self, Date?.self)
    return .done(
        Notices(
            notices: rows.map { id, kind, channel, state, reason, dueAt, local, zone, sent in
                Notice(
                    intent: ID(id), kind: kind, channel: channel, state: state, reason: reason, due: ZonedTime(dueAt, local: local, zone: zone),
                    sent: sent)
            }))
}
