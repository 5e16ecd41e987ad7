internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

private let pairsShown = 200

/// What was set last for every clinician at every place.
@Sendable func readHours(_ query: ReadHours, _ actor: Actor, _ tx: Transaction) async throws -> Answer<ReadHours> {
    let services = VisitService.later(in: tx)
    let lines = try await HoursRow.all(
        """
        p.id IN (SELECT DISTINCT ON (practitioner, location) id FROM publication ORDER BY practitioner, location, version DESC)
        ORDER BY p.practitioner, p.location LIMIT \(pairsShown)
        """, in: tx)
    return .done(HoursOfAll(hours: lines.map(\.line), services: try VisitService.all(services)))
}

/// A publication as it was published.
struct HoursRow {
    let line: HoursLine
    let at: Date
    let account: UUID?

    /// - Parameter which: a condition on the publication `p`, with what comes after it.
    static func all(_ which: SQL, in tx: Transaction) async throws -> [HoursRow] {
        let rows = try await tx.all(
            """
            SELECT p.practitioner, p.location, p.version, p.zone, p.first_day::text, p.last_day::text, p.notice_minutes, p.published_at, p.account,
                ARRAY(SELECT service FROM publication_service s WHERE s.publication = p.id ORDER BY service),
                ARRAY(SELECT weekday || ' ' || to_char(opens, 'HH24:MI') || ' ' || to_char(closes, 'HH24:MI') FROM publication_hours h
                    WHERE h.publication = p.id ORDER BY weekday, opens)
            FROM publication p WHERE \(which)
            """, as: UUID.self, UUID.self, Int.self, String.self, String.self, String.self, Int.self, Date.self, UUID?.self, [String].self,
            [String].self)
        return rows.map { practitioner, location, version, zone, from, until, notice, at, account, services, weekly in
            let hours = Hours(
                zone: zone, services: services, weekly: weekly.compactMap(WeeklyHours.init(stored:)), from: from, until: until,
                minimumNoticeMinutes: notice)
            return HoursRow(
                line: HoursLine(practitioner: ID(practitioner), location: ID(location), version: version, hours: hours), at: at, account: account)
        }
    }
}

extension WeeklyHours {
    /// - Parameter stored: `1 09:00 12:30`
    fileprivate init?(stored: String) {
        let parts = stored.split(separator: " ").map(String.init)
        guard parts.count == 3, let weekday = Int(parts[0]) else { return nil }
        self.init(weekday: weekday, from: parts[1], until: parts[2])
    }
}
