internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

private let atOnce = 100

/// Ends what is over by the database's clock, and lets go of who left the waiting room.
func watchCalls(of service: Service) async throws {
    while !Task.isCancelled {
        let ended = try await service.transaction { tx in try await watchCalls(tx) }
        if ended < atOnce { try await Task.sleep(for: .seconds(10) * Double.random(in: 0.8...1.2)) }
    }
}

/// Who waited or was waited for until the end of the visit is waited for no longer; who speaks has an hour more.
/// - Returns: how many ended.
func watchCalls(_ tx: Transaction) async throws -> Int {
    let over = try await CallRow.read(
        """
        WHERE is_video AND state IN ('scheduled', 'waiting', 'admitted', 'live', 'reconnecting') AND end_at <= now()
            AND (state IN ('scheduled', 'waiting') OR end_at + make_interval(mins => \(CallStore.lastsAfter)::int) <= now())
        ORDER BY end_at LIMIT \(atOnce) FOR UPDATE SKIP LOCKED
        """, tx)
    for row in over {
        guard let next = row.state.after(.expire) else { continue }
        try row.end(as: next, tx)
        try tx.emit(CallChanged(appointment: ID(row.id), version: row.version + 1, patient: ID(row.patient), state: next))
    }
    try await letGo(tx)
    try await tellWhoIsKeptWaiting(tx)
    tx.queue("DELETE FROM call_ticket WHERE expires_at < now() - interval '1 day'")
    try await tx.flush()
    return over.count
}

/// Who closed the page for good waits no longer; they may come back and wait anew. Who was kept waiting until they were told of it and goes then was
/// missed by the clinic, and stays so.
private func letGo(_ tx: Transaction) async throws {
    let gone = try await CallRow.read(
        """
        WHERE is_video AND state = 'waiting' AND patient_window IS NULL
            AND window_gone_at <= now() - make_interval(secs => \(CallStore.leftAfter))
            AND window_gone_at < start_at + make_interval(secs => \(CallView.lateAfter))
        ORDER BY window_gone_at LIMIT \(atOnce) FOR UPDATE SKIP LOCKED
        """, tx)
    for row in gone {
        guard let next = row.state.after(.leave) else { continue }
        tx.queue("UPDATE call SET version = version + 1, state = \(next.rawValue), waiting_since = NULL WHERE id = \(row.id)")
        try tx.emit(CallChanged(appointment: ID(row.id), version: row.version + 1, patient: ID(row.patient), state: next))
    }
}

/// Once: their page has a choice to show from now on.
private func tellWhoIsKeptWaiting(_ tx: Transaction) async throws {
    let late = try await tx.all(
        """
        UPDATE call SET version = version + 1, late_told_of = start_at
        WHERE state = 'waiting' AND late_told_of IS DISTINCT FROM start_at AND start_at + make_interval(secs => \(CallView.lateAfter)) <= now()
        RETURNING id, version, patient
        """, as: UUID.self, Int.self, UUID.self)
    for (id, version, patient) in late {
        try tx.emit(CallChanged(appointment: ID(id), version: version, patient: ID(patient), state: .waiting))
    }
}
