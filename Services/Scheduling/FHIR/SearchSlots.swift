internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres

extension Bookings {
    private static let (mostDays, usualDays) = (31.0, 14.0)
    private static let day = 86_400.0

    /// The times of a schedule as FHIR R4 Slots, a slot a kind of visit: computed from the hours as openings are, none of them stored.
    @Sendable func searchSlots(_ query: SearchSlots, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SearchSlots> {
        guard SlotSearch.allStatuses.isSuperset(of: query.statuses) else { return .refused(.unknownStatus) }
        let (only, after) = (query.only.map(SlotID.init), query.after.map(SlotID.init))
        if case .some(nil) = only { return .refused(.unknownID) }
        if case .some(nil) = after { return .refused(.unknownID) }
        let one = only ?? nil
        let from = one?.start ?? query.from ?? Date()
        let until = one.map { $0.start + 60 } ?? query.until ?? from + Self.usualDays * Self.day
        guard until > from, until.timeIntervalSince(from) <= Self.mostDays * Self.day else { return .refused(.wrongPeriod) }
        let search = SlotSearch(
            schedule: one?.schedule ?? query.schedule, only: one, from: from, until: until, statuses: query.statuses, service: query.service,
            after: after ?? nil, isPatient: actor.role == .patient, horizonDays: horizonDays)
        let count = min(max(query.count, 1), 200)
        let services = VisitService.later(in: tx)
        let rows = try await tx.all(
            search.statement(count + 1),
            as: String.self, String.self, String.self, String.self, Date.self, String.self, Date.self, String.self, Int.self)
        let kinds = try VisitService.all(services)
        let found = rows.map { code, id, status, zone, start, localStart, end, localEnd, _ in
            var resource: JSONValue = [
                "resourceType": "Slot", "id": .string(id),
                "serviceType": [VisitResource.visitType(code, kinds.first { $0.code == code })],
                "schedule": .reference("Schedule", search.schedule.text), "status": .string(status),
            ]
            let times =
                VisitResource.members("start", ZonedTime(start, local: localStart, zone: zone))
                + VisitResource.members("end", ZonedTime(end, local: localEnd, zone: zone))
            for member in times { resource[member.name] = member.value }
            return FoundResource(type: "Slot", id: id, json: VisitResource.text(resource))
        }
        return .done(found.page(of: count, total: rows.first?.8 ?? 0))
    }
}

/// An id that the SQL function `slot_id` made.
private struct SlotID {
    let text: String
    let schedule: UUID
    let start: Date

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let schedule = UUID(text: String(parts[0])), (1...9).contains(parts[1].utf8.count), let minutes = Int(parts[1]),
            minutes >= 0, parts[2].utf8.count == 16
        else { return nil }
        (self.text, self.schedule, start) = (text, schedule, Date(timeIntervalSince1970: Double(minutes) * 60))
    }
}

private struct SlotSearch {
    static let allStatuses: Set<String> = ["busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"]

    let schedule: UUID
    let only: SlotID?
    let (from, until): (Date, Date)
    let statuses: [String]
    let service: String?
    let after: SlotID?
    let isPatient: Bool
    let horizonDays: Int

    /// Free is what can be booked now. What else there is, staff are told: taken, held, or not to be had, which is in the past, too soon, too far
    /// ahead, in a leave, without a room. To patients all of that is busy: a clinician's leave is no affair of theirs.
    func statement(_ limit: Int) -> SQL {
        let seen: SQL = isPatient ? "v.mode <> 'off'" : "true"
        let busy: SQL = isPatient ? "'busy'" : "CASE WHEN b.taken THEN 'busy' WHEN b.held THEN 'busy-tentative' ELSE 'busy-unavailable' END"
        let chosen: SQL = only.map { "c.id = \($0.text)" } ?? "true"
        let wanted: SQL = statuses.isEmpty ? "true" : "status = ANY (\(statuses))"
        let rest: SQL = after.map { "(start_at, id) > (\($0.start), \($0.text))" } ?? "true"
        return """
            WITH schedule AS MATERIALIZED (
                SELECT p.practitioner, p.location, min((\(from)::timestamptz AT TIME ZONE p.zone)::date) AS first,
                    max((\(until)::timestamptz AT TIME ZONE p.zone)::date) - min((\(from)::timestamptz AT TIME ZONE p.zone)::date) + 1 AS days
                FROM publication p
                WHERE NOT isempty(p.valid) AND schedule_id(p.practitioner, p.location) = \(schedule)
                GROUP BY p.practitioner, p.location
            ), candidate AS MATERIALIZED (
                SELECT v.code, o.*, slot_id(o.practitioner, o.location, v.code, o.start_at) COLLATE "C" AS id
                FROM schedule s CROSS JOIN visit_service v CROSS JOIN LATERAL offered(v.code, s.practitioner, s.location, s.first, s.days) o
                WHERE \(seen) AND (\(service)::text IS NULL OR v.code = \(service)) AND o.start_at >= \(from) AND o.start_at < \(until)
            ), free AS MATERIALIZED (
                SELECT v.code, o.start_at
                FROM schedule s CROSS JOIN (SELECT DISTINCT code FROM candidate) v
                CROSS JOIN LATERAL openings(v.code, s.practitioner, s.location, s.first, s.days, \(horizonDays)::int) o
            ), slot AS (
                SELECT c.code, c.id, CASE WHEN (c.code, c.start_at) IN (TABLE free) THEN 'free' ELSE \(busy) END AS status, c.zone, c.start_at,
                    to_char(c.wall, 'YYYY-MM-DD"T"HH24:MI') AS local_start, c.end_at,
                    to_char(c.end_at AT TIME ZONE c.zone, 'YYYY-MM-DD"T"HH24:MI') AS local_end
                FROM candidate c
                CROSS JOIN LATERAL (
                    SELECT coalesce(bool_or(r.hold_until IS NULL), false) AS taken, coalesce(bool_or(r.hold_until IS NOT NULL), false) AS held
                    FROM resource_time r
                    WHERE r.resource = c.practitioner AND r.period && c.takes AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp())
                ) b
                WHERE \(chosen)
            )
            SELECT * FROM (SELECT *, count(*) OVER () AS total FROM slot WHERE \(wanted)) page WHERE \(rest) ORDER BY start_at, id LIMIT \(limit)
            """
    }
}
