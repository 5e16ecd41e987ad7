internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Offers the hours from their first day on, in place of what was offered there before.
@Sendable func publishAvailability(_ command: PublishAvailability, _ actor: Actor, _ tx: Transaction) async throws -> Answer<PublishAvailability> {
    guard let from = LocalDay(command.from), let until = LocalDay(command.until), from <= until else { return .refused(.invalidDays) }
    guard command.hoursAreValid else { return .refused(.invalidHours) }
    guard (1...50).contains(command.services.count), command.services.allSatisfy(\.isValid),
        Set(command.services.map(\.code)).count == command.services.count
    else { return .refused(.invalidServices) }
    guard try await isKnown(zone: command.zone, tx) else { return .refused(.unknownZone) }

    let (practitioner, location) = (command.practitioner.uuid, command.location.uuid)
    // Two publications at once would each miss what the other shortens.
    tx.queue("SELECT pg_advisory_xact_lock(\(LockSpace.publication.rawValue), hashtext(\(command.practitioner.description)))")
    // In one order for everybody, so that two publications do not wait for each other.
    for service in command.services.sorted(by: { $0.code < $1.code }) { tx.queue(try service.save()) }
    tx.queue(
        """
        UPDATE publication SET valid = valid * daterange(NULL, \(from.text)::date)
        WHERE practitioner = \(practitioner) AND location = \(location) AND valid && daterange(\(from.text)::date, NULL)
        """)
    tx.queue(
        """
        INSERT INTO publication (id, practitioner, location, zone, valid, notice_minutes)
        VALUES (\(command.key), \(practitioner), \(location), \(command.zone), daterange(\(from.text)::date, \(until.text)::date, '[]'),
            \(command.minimumNoticeMinutes)::int)
        """)
    tx.queue(
        """
        INSERT INTO publication_service (publication, service)
        SELECT \(command.key), code FROM unnest(\(command.services.map(\.code))) AS code
        """)
    tx.queue(
        """
        INSERT INTO publication_hours (publication, weekday, opens, closes)
        SELECT \(command.key), weekday::int, opens::interval, closes::interval
        FROM unnest(\(command.weekly.map(\.weekday)), \(command.weekly.map(\.from)), \(command.weekly.map(\.until))) AS h (weekday, opens, closes)
        """)
    return .done(Done())
}

extension PublishAvailability {
    /// Whole minutes, from before until, no two blocks of a day overlapping; no hours at all say that nobody is seen.
    fileprivate var hoursAreValid: Bool {
        guard weekly.count <= 100, (0...60 * 24 * 30).contains(minimumNoticeMinutes) else { return false }
        var blocks: [Int: [(from: WallTime, until: WallTime)]] = [:]
        for hours in weekly {
            guard (1...7).contains(hours.weekday), let from = WallTime(hours.from), let until = WallTime(hours.until), from < until else {
                return false
            }
            blocks[hours.weekday, default: []].append((from, until))
        }
        return blocks.values.allSatisfy { day in
            let day = day.sorted { $0.from < $1.from }
            return zip(day, day.dropFirst()).allSatisfy { $0.until <= $1.from }
        }
    }
}

/// Both PostgreSQL, which computes instants, and Foundation, which shows them, must know the zone; and by its own name, not as `posix/…`.
private func isKnown(zone: String, _ tx: Transaction) async throws -> Bool {
    guard zone.contains("/") || zone == "UTC", !zone.hasPrefix("posix/"), !zone.hasPrefix("right/"), TimeZone(identifier: zone) != nil else {
        return false
    }
    return try await tx.first("SELECT true FROM pg_timezone_names WHERE name = \(zone)", as: Bool.self) == true
}
