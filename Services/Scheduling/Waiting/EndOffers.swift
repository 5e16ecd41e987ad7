internal import Contracts
internal import Foundation
internal import Postgres

/// Ends open offers, and gives their times back.
/// - Parameters:
///   - which: a condition on `offer`.
///   - outcome: of a row of it.
func endOffers(_ which: SQL, as outcome: SQL, _ tx: Transaction) {
    tx.queue(
        """
        WITH over AS (
            UPDATE offer SET outcome = \(outcome) WHERE outcome IS NULL AND (\(which)) RETURNING offer
        ), gone AS (
            UPDATE appointment SET status = 'cancelled', version = version + 1, live = false, hold_until = NULL, reason = 'hold-expired'
            WHERE id IN (SELECT offer FROM over) AND status = 'pending'
        )
        DELETE FROM resource_time WHERE appointment IN (SELECT offer FROM over)
        """)
}

/// Ends what nobody has answered in time, what cannot be kept, and the waiting of those for whom there is nothing to wait for any more.
func endWaiting(_ tx: Transaction) async throws {
    endOffers(
        """
        until <= clock_timestamp() OR EXISTS (
            SELECT FROM appointment a WHERE a.id = offer.offer AND (
                EXISTS (SELECT FROM leave l WHERE l.practitioner = a.practitioner AND l.period && tstzrange(a.start_at, a.end_at))
                OR EXISTS (SELECT FROM holiday h WHERE h.location = a.location AND h.day = a.day)))
        OR EXISTS (SELECT FROM waiting w JOIN appointment v ON v.id = w.visit
            WHERE w.id = offer.waiting AND (v.status <> 'booked' OR w.absence IS NOT NULL AND v.id NOT IN (SELECT affected(w.absence))))
        """, as: "CASE WHEN until <= clock_timestamp() THEN 'lapsed' ELSE 'withdrawn' END", tx)
    tx.queue(
        """
        UPDATE waiting w SET state = 'ended', ended_at = now(), reason = \(endReason)
        WHERE w.state = 'open' AND w.kind = 'list' AND \(endReason) IS NOT NULL
            AND NOT EXISTS (SELECT FROM offer f WHERE f.waiting = w.id AND f.outcome IS NULL)
        """)
    try await tx.flush()
}

/// Who has let so many offers go by without a word is asked no more.
private let unansweredAtMost = 3

private let endReason: SQL = """
    (CASE
        WHEN EXISTS (SELECT FROM appointment v WHERE v.id = w.visit AND v.status <> 'booked') THEN 'visit-gone'
        -- It was moved by hand, or nobody is away any more.
        WHEN w.absence IS NOT NULL AND w.visit NOT IN (SELECT affected(w.absence)) THEN 'visit-gone'
        WHEN w.last_day < current_date - 1 OR EXISTS (SELECT FROM appointment v WHERE v.id = w.visit AND v.start_at <= now()) THEN 'past'
        WHEN (SELECT count(*) FROM offer f WHERE f.waiting = w.id AND f.outcome = 'lapsed') >= \(unansweredAtMost) THEN 'no-answer'
    END)
    """
