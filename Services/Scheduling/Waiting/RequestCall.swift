internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Writes down that somebody is to be called, and until when: two hours on which the clinic is open from now.
@Sendable func requestCall(_ command: RequestCall, _ actor: Actor, _ tx: Transaction) async throws -> Answer<RequestCall> {
    Bookings.wait(for: command.patient, tx)
    if let service = command.service, try await tx.first("SELECT true FROM visit_service WHERE code = \(service)", as: Bool.self) == nil {
        return .refused(.invalid(problems: [EntryProblem("service", .notPossible)]))
    }
    let promised = try await tx.first(
        """
        INSERT INTO waiting (id, patient, kind, service, first_day, last_day, made_by, promised_at, promised_wall, promised_zone)
        SELECT \(command.waiting.uuid), \(command.patient.uuid), 'call', \(command.service)::text, current_date, current_date,
            \(actor.account?.uuid)::uuid, p.at, p.wall, p.zone
        FROM (SELECT) one LEFT JOIN (\(promise)) p ON true
        RETURNING promised_at, to_char(promised_wall, 'YYYY-MM-DD"T"HH24:MI'), promised_zone
        """, as: Date?.self, String?.self, String?.self)
    guard let (at, local, zone) = promised else { return .done(CallPromised(by: nil)) }
    return .done(CallPromised(by: ZonedTime(at, local, zone)))
}

@Sendable func refusalOfCall(_ command: RequestCall, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> JoinRefusal? {
    ["waiting_one_open", "waiting_once"].contains(constraint) ? .waitsAlready : nil
}

/// The first moment that is two hours into the hours of some place, from now on; no row where nobody is seen for two weeks.
private let promise: SQL = """
    SELECT instant_of(due.wall, due.zone) AS at, due.wall, due.zone FROM (
        SELECT hours.zone, date_trunc('minute', greatest(hours.opens, now() AT TIME ZONE hours.zone)) + interval '2 hours' AS wall, hours.closes
        FROM (
            SELECT p.zone, min(d + h.opens) AS opens, max(d + h.closes) AS closes
            FROM publication p
            JOIN publication_hours h ON h.publication = p.id
            CROSS JOIN LATERAL generate_series((now() AT TIME ZONE p.zone)::date::timestamp,
                (now() AT TIME ZONE p.zone)::date::timestamp + interval '14 days', interval '1 day') d
            WHERE p.valid @> d::date AND h.weekday = extract(isodow FROM d)::int
                AND NOT EXISTS (SELECT FROM holiday c WHERE c.location = p.location AND c.day = d::date)
            GROUP BY p.zone, d
        ) hours
    ) due
    WHERE due.wall <= due.closes AND instant_of(due.wall, due.zone) IS NOT NULL
    ORDER BY 1 LIMIT 1
    """
