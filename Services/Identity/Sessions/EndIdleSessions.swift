internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Says of sessions nobody used any more that they ended. They are of no use from their last moment on, with or without this.
/// - Returns: how many ended; 500 at most.
func endIdleSessions(in tx: Transaction) async throws -> Int {
    let ended = try await tx.all(
        """
        UPDATE session SET ended_at = now(), ended = 'expired'
        WHERE id IN (SELECT id FROM session WHERE ended_at IS NULL AND expires_idle <= now() LIMIT 500 FOR UPDATE SKIP LOCKED)
        RETURNING id
        """, as: UUID.self)
    for session in ended { try tx.emit(SessionEnded(session: ID(session), reason: "expired")) }
    return ended.count
}

/// Deletes sessions and invitations that ended 90 days ago, letters and requests for accounts after 30, and drafts after 12 hours; the audit trail
/// says who did what.
func forgetEnded(in tx: Transaction) async throws {
    tx.queue("DELETE FROM session WHERE id IN (SELECT id FROM session WHERE ended_at < now() - interval '90 days' LIMIT 5000)")
    tx.queue(
        """
        DELETE FROM invitation WHERE id IN (
            SELECT id FROM invitation WHERE least(closed_at, expires_at) < now() - interval '90 days' LIMIT 5000)
        """)
    tx.queue("DELETE FROM letter WHERE id IN (SELECT id FROM letter WHERE written_at < now() - interval '30 days' LIMIT 5000)")
    tx.queue("DELETE FROM account_request WHERE id IN (SELECT id FROM account_request WHERE asked_at < now() - interval '30 days' LIMIT 5000)")
    tx.queue("DELETE FROM device WHERE expires_at < now()")
    tx.queue("DELETE FROM draft WHERE kept_at < now() - interval '12 hours'")
    try await tx.flush()
}
