internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

private let outsideShown = 5

/// Publishes the next version, unless somebody else did since, or visits would lie outside that the writer was not told of.
@Sendable func keepHours(_ command: KeepHours, _ actor: Actor, _ tx: Transaction) async throws -> Answer<KeepHours> {
    let hours = command.hours
    let known = try await VisitService.all(in: tx).filter { hours.services.contains($0.code) }
    guard known.count == Set(hours.services).count else { return .refused(.invalidServices) }
    let publication = PublishAvailability(
        practitioner: command.practitioner, location: command.location, zone: hours.zone, services: known, weekly: hours.weekly, from: hours.from,
        until: hours.until, minimumNoticeMinutes: hours.minimumNoticeMinutes, key: command.key)
    switch try await publication.problem(tx) {
    case .unknownZone?: return .refused(.unknownZone)
    case .invalidHours?: return .refused(.invalidHours)
    case .invalidDays?: return .refused(.invalidDays)
    case .invalidServices?: return .refused(.invalidServices)
    case nil: break
    }
    let version = try await publication.lock(tx)
    guard version == command.version || Fault.hoursOverwrite.isOn else { return .refused(.changedMeanwhile(version: version)) }
    let (count, first) = try await outside(publication, tx)
    guard count == command.outside else { return .refused(.visitsOutside(count: count, first: first)) }
    try publication.publish(by: actor.account, tx)
    return .done(SettingKept(version: version + 1))
}

/// Booked visits from the first day on that the hours do not hold. They are looked at by their instants, as the new zone's clocks show them.
private func outside(_ new: PublishAvailability, _ tx: Transaction) async throws -> (count: Int, first: [OutsideVisit]) {
    let rows = try await tx.all(
        """
        WITH hours AS (
            SELECT weekday::int, opens::interval, closes::interval
            FROM unnest(\(new.weekly.map(\.weekday)), \(new.weekly.map(\.from)), \(new.weekly.map(\.until))) AS h (weekday, opens, closes)
        )
        SELECT count(*) OVER (), a.start_at, to_char(a.wall_start, 'YYYY-MM-DD"T"HH24:MI'), a.zone, a.service
        FROM resource_time t JOIN appointment a ON a.id = t.appointment
        CROSS JOIN LATERAL (SELECT a.start_at AT TIME ZONE \(new.zone) AS starts, a.end_at AT TIME ZONE \(new.zone) AS ends) w
        WHERE t.resource = \(new.practitioner.uuid) AND t.period && tstzrange(now(), NULL) AND a.location = \(new.location.uuid)
            AND a.start_at > now()
            AND a.status IN ('booked', 'arrived', 'checked-in') AND w.starts::date >= \(new.from)::date
            AND NOT (w.starts::date <= \(new.until)::date AND EXISTS (
                SELECT FROM hours h WHERE h.weekday = extract(isodow FROM w.starts) AND w.starts >= date_trunc('day', w.starts) + h.opens
                    AND w.ends <= date_trunc('day', w.starts) + h.closes))
        ORDER BY a.start_at, a.id LIMIT \(outsideShown)
        """, as: Int.self, Date.self, String.self, String.self, String.self)
    let first = rows.map { _, start, local, zone, service in OutsideVisit(start: ZonedTime(start, local: local, zone: zone), service: service) }
    return (rows.first?.0 ?? 0, first)
}
