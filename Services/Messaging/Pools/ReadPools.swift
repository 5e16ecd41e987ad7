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
            }))
}
