internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

@Sendable func readPools(_ query: ReadPools, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadPools> {
    let hours = tx.later(
        """
        SELECT pool, weekday, to_char(opens, 'HH24:MI'), to_char(closes, 'HH24:MI') FROM pool_hours ORDER BY pool, weekday, opens
        """)
    let members = tx.later("SELECT pool, practitioner, cover FROM pool_member ORDER BY pool, practitioner")
    // From what a patient wrote when it was the clinic's turn next until the clinic wrote.
    let answered = tx.later(
        """
        WITH turn AS (
            SELECT thread, at, from_patient, lag(from_patient) OVER (PARTITION BY thread ORDER BY at, id) AS before FROM message
            WHERE retracted_at IS NULL AND at > now() - interval '60 days'
        ), waited AS (
            SELECT t.pool, extract(epoch FROM a.at - u.at) / 60 AS minutes FROM turn u
            CROSS JOIN LATERAL (
                SELECT min(m.at) AS at FROM message m
                WHERE m.thread = u.thread AND NOT m.from_patient AND m.at > u.at AND m.retracted_at IS NULL) a
            JOIN thread t ON t.id = u.thread
            WHERE u.from_patient AND u.before IS DISTINCT FROM true AND a.at > now() - interval '30 days'
        )
        SELECT pool, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY minutes)::bigint,
            percentile_disc(0.95) WITHIN GROUP (ORDER BY minutes)::bigint
        FROM waited GROUP BY pool ORDER BY pool
        """)
    let pools = try await tx.last(
        "SELECT code, version, zone, answer_minutes, location, lead FROM pool ORDER BY code", as: String.self, Int.self, String?.self, Int.self,
        UUID?.self, UUID?.self)
    let blocks = try hours.all(as: String.self, Int.self, String.self, String.self)
    let people = try members.all(as: String.self, UUID.self, UUID?.self)
    return .done(
        .init(
            pools: pools.map { code, version, zone, minutes, location, lead in
                PoolLine(
                    code: code, version: version, zone: zone, answerMinutes: minutes,
                    hours: blocks.filter { $0.0 == code }.map { WeeklyHours(weekday: $0.1, from: $0.2, until: $0.3) },
                    location: location.map { ID($0) },
                    members: people.filter { $0.0 == code }.map { PoolLine.Member(practitioner: ID($0.1), cover: $0.2.map { ID($0) }) },
                    lead: lead.map { ID($0) })
            },
            answered: try answered.all(as: String.self, Int.self, Int.self, Int.self).map { pool, count, median, p95 in
                AnswerTimes(pool: pool, count: count, median: median, p95: p95)
            }))
}
