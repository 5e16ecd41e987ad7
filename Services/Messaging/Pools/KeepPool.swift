internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Sets a pool anew. What somebody had who is in it no longer goes back to the pool; what was promised stays promised.
@Sendable func keepPool(_ command: KeepPool, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepPool> {
    let pool = command.pool
    guard pool.hoursAreValid, (1...10_000).contains(pool.answerMinutes) else { return .refused(.invalidHours) }
    guard pool.members.count <= 200, Set(pool.members.map(\.practitioner)).count == pool.members.count,
        pool.members.allSatisfy({ $0.cover != $0.practitioner })
    else { return .refused(.invalidMembers) }
    let isKnown = tx.later("SELECT true FROM pg_timezone_names WHERE name = \(pool.zone) AND (name LIKE '%/%' OR name = 'UTC')")
    let version = try await tx.first("SELECT version FROM pool WHERE code = \(pool.code) FOR UPDATE", as: Int.self)
    guard let version else { return .refused(.notFound) }
    guard let zone = pool.zone, try isKnown.first(as: Bool.self) == true, TimeZone(identifier: zone) != nil else { return .refused(.unknownZone) }
    guard version == pool.version else { return .refused(.changedMeanwhile) }
    tx.queue(
        """
        UPDATE pool SET version = version + 1, zone = \(zone), answer_minutes = \(pool.answerMinutes), location = \(pool.location?.uuid),
            lead = \(pool.lead?.uuid)
        WHERE code = \(pool.code)
        """)
    tx.queue("DELETE FROM pool_hours WHERE pool = \(pool.code)")
    tx.queue(
        """
        INSERT INTO pool_hours (pool, weekday, opens, closes)
        SELECT \(pool.code), weekday::int, opens::interval, closes::interval
        FROM unnest(\(pool.hours.map(\.weekday)), \(pool.hours.map(\.from)), \(pool.hours.map(\.until))) AS h (weekday, opens, closes)
        """)
    tx.queue("DELETE FROM pool_member WHERE pool = \(pool.code)")
    for member in pool.members {
        tx.queue(
            "INSERT INTO pool_member (pool, practitioner, cover) VALUES (\(pool.code), \(member.practitioner.uuid), \(member.cover?.uuid))")
    }
    let freed = try await tx.all(
        """
        UPDATE thread SET version = version + 1, owner = NULL
        WHERE pool = \(pool.code) AND state <> 'closed' AND owner NOT IN (SELECT practitioner FROM serving WHERE pool = \(pool.code))
            AND owner IS DISTINCT FROM \(pool.lead?.uuid)
        RETURNING id, version, patient, state, level
        """, as: UUID.self, Int.self, UUID.self, String.self, Int.self)
    for (thread, version, patient, state, level) in freed {
        try tx.emit(
            TaskChanged(thread: ID(thread), version: version, patient: ID(patient), state: ThreadState(rawValue: state) ?? .waiting, level: level))
    }
    return .done(SettingKept(version: version + 1))
}

extension PoolLine {
    /// Some time in a week, each block from before until, and no two of a day overlapping.
    fileprivate var hoursAreValid: Bool {
        guard (1...50).contains(hours.count) else { return false }
        func isTime(_ text: String) -> Bool { text.wholeMatch(of: /([01][0-9]|2[0-3]):[0-5][0-9]|24:00/) != nil }
        guard hours.allSatisfy({ (1...7).contains($0.weekday) && isTime($0.from) && isTime($0.until) && $0.from < $0.until }) else { return false }
        return Dictionary(grouping: hours, by: \.weekday).values.allSatisfy { day in
            let day = day.sorted { $0.from < $1.from }
            return zip(day, day.dropFirst()).allSatisfy { $0.until <= $1.from }
        }
    }
}
