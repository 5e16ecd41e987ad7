internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Has a time looked for in place of each visit that an absence leaves undone: `OfferTimes` keeps one for each, one after the other. What was looked
/// for before goes on; what somebody has let go is not begun anew.
@Sendable func offerOtherTimes(_ command: OfferOtherTimes, _ actor: Actor, _ tx: Transaction) async throws -> Answer<OfferOtherTimes> {
    guard try await tx.first("SELECT true FROM absence WHERE id = \(command.absence)", as: Bool.self) == true else { return .refused(.notFound) }
    let visits = try await tx.run(
        """
        INSERT INTO waiting (id, patient, kind, service, location, visit, first_day, last_day, made_by, absence)
        SELECT gen_random_uuid(), a.patient, 'list', a.service, a.location, a.id, current_date - 1, a.day + 60, \(actor.account?.uuid),
            \(command.absence)
        FROM appointment a
        WHERE a.id IN (SELECT affected(\(command.absence)))
            AND NOT EXISTS (SELECT FROM waiting w WHERE w.visit = a.id AND w.absence = \(command.absence))
        ON CONFLICT DO NOTHING
        """)
    return .done(OtherTimesSought(visits: visits))
}

extension OtherTime {
    static func all(of absence: UUID, in tx: Transaction) async throws -> [OtherTime] {
        let rows = try await tx.all(
            """
            SELECT w.visit, o.start_at, to_char(o.wall_start, 'YYYY-MM-DD"T"HH24:MI'), o.zone, f.until,
                (SELECT count(*) FROM offer p WHERE p.waiting = w.id AND p.outcome IN ('declined', 'lapsed')), w.state = 'open'
            FROM waiting w
            LEFT JOIN offer f ON f.waiting = w.id AND f.outcome IS NULL AND f.until > clock_timestamp()
            LEFT JOIN appointment o ON o.id = f.offer
            WHERE w.absence = \(absence) ORDER BY w.joined_at, w.id
            """, as: UUID.self, Date?.self, String?.self, String?.self, Date?.self, Int.self, Bool.self)
        return rows.map { visit, start, local, zone, until, declined, isOpen in
            OtherTime(visit: ID(visit), start: ZonedTime(start, local, zone), until: until, declined: declined, isOpen: isOpen)
        }
    }
}
