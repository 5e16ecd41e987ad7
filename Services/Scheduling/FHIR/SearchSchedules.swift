internal import Access
internal import Contracts
internal import FHIR
internal import Foundation
internal import Postgres

/// Clinicians' hours at places as FHIR R4 Schedules, of whatever days they were published for. Kinds of visit that patients do not see they are not
/// told of.
@Sendable func searchSchedules(_ query: SearchSchedules, _ actor: Actor, _ tx: Transaction) async throws -> Answer<SearchSchedules> {
    let place = query.after.map { ID<Resource>($0) }
    if case .some(nil) = place { return .refused(.unknownID) }
    let count = min(max(query.count, 1), 200)
    let seen: SQL = actor.role == .patient ? "AND v.mode <> 'off'" : ""
    let wanted: SQL = """
        SELECT p.practitioner, p.location, schedule_id(p.practitioner, p.location) AS id, max(p.version) AS version,
            max(p.published_at) AS changed_at, min(lower(p.valid))::text AS first, (max(upper(p.valid)) - 1)::text AS last,
            coalesce(max(upper(p.valid)) > (now() AT TIME ZONE min(p.zone))::date, true) AS is_active,
            coalesce((
                SELECT array_agg(DISTINCT o.service ORDER BY o.service) FROM publication q
                JOIN publication_service o ON o.publication = q.id JOIN visit_service v ON v.code = o.service \(seen)
                WHERE q.practitioner = p.practitioner AND q.location = p.location AND NOT isempty(q.valid)
            ), '{}') AS services
        FROM publication p
        WHERE NOT isempty(p.valid) AND (\(query.practitioner?.uuid)::uuid IS NULL OR p.practitioner = \(query.practitioner?.uuid))
            AND (\(query.location?.uuid)::uuid IS NULL OR p.location = \(query.location?.uuid))
        GROUP BY p.practitioner, p.location
        """
    let only: SQL = "(\(query.only)::uuid IS NULL OR id = \(query.only))"
    let services = VisitService.later(in: tx)
    let rows = try await tx.all(
        """
        SELECT * FROM (SELECT w.*, count(*) OVER () AS total FROM (\(wanted)) w WHERE \(only)) page
        WHERE \((place ?? nil)?.uuid)::uuid IS NULL OR id > \((place ?? nil)?.uuid) ORDER BY id LIMIT \(count + 1)
        """,
        as: UUID.self, UUID.self, UUID.self, Int.self, Date.self, String?.self, String?.self, Bool.self, [String].self, Int.self)
    let kinds = try VisitService.all(services)
    let found = rows.map { practitioner, location, id, version, changedAt, first, last, isActive, codes, _ in
        let resource: JSONValue = [
            "resourceType": "Schedule", "id": .string(id.text),
            "meta": ["versionId": .string("\(version)"), "lastUpdated": VisitResource.instant(changedAt)],
            "active": .bool(isActive),
            "serviceType": .array(codes.map { code in VisitResource.visitType(code, kinds.first { $0.code == code }) }),
            "actor": [.reference("Practitioner", ID<Practitioner>(practitioner)), .reference("Location", ID<Location>(location))],
            "planningHorizon": ["start": .optional(first), "end": .optional(last)],
        ]
        return FoundResource(type: "Schedule", id: id.text, version: version, json: VisitResource.text(resource))
    }
    return .done(found.page(of: count, total: rows.first?.9 ?? 0))
}
