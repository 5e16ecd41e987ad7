internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

private let atOnce = 100

/// Looks for what will be late, and what is.
func watchPromises(of service: Service) async throws {
    while !Task.isCancelled {
        let looked = try await service.transaction { tx in try await watchPromises(tx) }
        if looked < atOnce { try await Task.sleep(for: .seconds(10) * Double.random(in: 0.8...1.2)) }
    }
}

/// From three quarters of the time on a thread shows that it will be late. Once it is, the pool's lead has it, and it is looked at again when the
/// pool could have answered anew. What is to be looked at next stands in the row: however often this is begun, each step is taken once.
/// - Returns: how many were due.
func watchPromises(_ tx: Transaction) async throws -> Int {
    let due = try await tx.all(
        """
        UPDATE thread t SET level = CASE WHEN t.promised_at <= now() THEN 2 ELSE 1 END,
            next_at = CASE WHEN t.promised_at <= now() THEN promised_by(t.pool, now()) ELSE t.promised_at END,
            version = t.version + CASE WHEN l.lead IS NULL OR t.promised_at > now() THEN 0 ELSE 1 END,
            owner = CASE WHEN t.promised_at <= now() THEN coalesce(l.lead, t.owner) ELSE t.owner END,
            owner_account = CASE WHEN t.promised_at <= now() AND l.lead IS NOT NULL THEN NULL ELSE t.owner_account END
        FROM (
            SELECT d.id, (SELECT p.lead FROM pool p WHERE p.code = d.pool AND p.lead IS DISTINCT FROM d.owner
                AND away_until(p.lead, now(), now()) IS NULL) AS lead
            FROM thread d WHERE d.next_at <= now() ORDER BY d.next_at LIMIT \(atOnce) FOR UPDATE SKIP LOCKED
        ) l
        WHERE t.id = l.id
        RETURNING t.id, t.version, t.patient, t.level
        """, as: UUID.self, Int.self, UUID.self, Int.self)
    for (thread, version, patient, level) in due {
        try tx.emit(TaskChanged(thread: ID(thread), version: version, patient: ID(patient), state: .waiting, level: level))
    }
    return due.count
}
