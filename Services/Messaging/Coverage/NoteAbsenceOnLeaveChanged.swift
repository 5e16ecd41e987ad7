internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Somebody will be away, or a place closed. What they would have answered while they are away goes to who covers for them, to the lead, or back to
/// the pool; what was promised stays promised.
@Sendable func noteAbsenceOnLeaveChanged(_ event: LeaveChanged, tx: Transaction) async throws {
    tx.queue(
        """
        INSERT INTO absence (id, practitioner, period, location, day, ended)
        VALUES (\(event.absence), \(event.practitioner?.uuid), CASE WHEN \(event.from != nil) THEN tstzrange(\(event.from), \(event.until)) END,
            \(event.location?.uuid), \(event.day)::date, \(event.ended))
        ON CONFLICT ON CONSTRAINT absence_once DO UPDATE SET ended = absence.ended OR excluded.ended,
            practitioner = coalesce(absence.practitioner, excluded.practitioner), period = coalesce(absence.period, excluded.period),
            location = coalesce(absence.location, excluded.location), day = coalesce(absence.day, excluded.day)
        """)
    guard let practitioner = event.practitioner, !event.ended else { return try await tx.flush() }
    let moved = try await tx.all(
        """
        UPDATE thread SET version = version + 1, owner = answering(pool, owner, now(), promised_at)
        WHERE owner = \(practitioner.uuid) AND state <> 'closed' AND away_until(owner, now(), promised_at) IS NOT NULL
        RETURNING id, version, patient, state, level
        """, as: UUID.self, Int.self, UUID.self, String.self, Int.self)
    for (thread, version, patient, state, level) in moved {
        try tx.emit(
            TaskChanged(thread: ID(thread), version: version, patient: ID(patient), state: ThreadState(rawValue: state) ?? .waiting, level: level))
    }
    try await tx.flush()
}
