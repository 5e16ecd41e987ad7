internal import Access
internal import Contracts
internal import Foundation
internal import Postgres

/// Offers the hours from their first day on, in place of what was offered there before.
@Sendable func publishAvailability(_ command: PublishAvailability, _ actor: Actor, _ tx: Transaction) async throws -> Answer<PublishAvailability> {
    if let problem = try await command.problem(tx) { return .refused(problem) }
    _ = try await command.lock(tx)
    try command.publish(by: actor.account, tx)
    return .done(Done())
}

extension PublishAvailability {
    /// Why it cannot be published; nil when it can.
    func problem(_ tx: Transaction) async throws -> AvailabilityRefusal? {
        guard let from = LocalDay(from), let until = LocalDay(until), from <= until else { return .invalidDays }
        guard hoursAreValid else { return .invalidHours }
        guard (1...50).contains(services.count), services.allSatisfy(\.isValid), Set(services.map(\.code)).count == services.count else {
            return .invalidServices
        }
        return try await isKnown(zone: zone, tx) ? nil : .unknownZone
    }

    /// Nobody else publishes for this clinician until the transaction ends: two at once would each miss what the other shortens.
    /// - Returns: the version that is there; 0 for none.
    func lock(_ tx: Transaction) async throws -> Int {
        tx.queue("SELECT pg_advisory_xact_lock(\(LockSpace.publication.rawValue), hashtext(\(practitioner.description)))")
        let version = try await tx.first(
            "SELECT coalesce(max(version), 0) FROM publication WHERE practitioner = \(practitioner.uuid) AND location = \(location.uuid)",
            as: Int.self)
        return version ?? 0
    }

    /// Takes over from what was published before, from its first day on. The database numbers the versions.
    func publish(by account: ID<Account>?, _ tx: Transaction) throws {
        // In one order for everybody, so that two publications do not wait for each other.
        for service in services.sorted(by: { $0.code < $1.code }) { tx.queue(try service.save(by: account)) }
        tx.queue(
            """
            UPDATE publication SET valid = valid * daterange(NULL, \(from)::date)
            WHERE practitioner = \(practitioner.uuid) AND location = \(location.uuid) AND valid && daterange(\(from)::date, NULL)
            """)
        tx.queue(
            """
            INSERT INTO publication (id, practitioner, location, zone, valid, notice_minutes, account)
            VALUES (\(key), \(practitioner.uuid), \(location.uuid), \(zone), daterange(\(from)::date, \(until)::date, '[]'),
                \(minimumNoticeMinutes)::int, \(account?.uuid))
            """)
        tx.queue(
            """
            INSERT INTO publication_service (publication, service)
            SELECT \(key), code FROM unnest(\(services.map(\.code))) AS code
            """)
        tx.queue(
            """
            INSERT INTO publication_hours (publication, weekday, opens, closes)
            SELECT \(key), weekday::int, opens::interval, closes::interval
            FROM unnest(\(weekly.map(\.weekday)), \(weekly.map(\.from)), \(weekly.map(\.until))) AS h (weekday, opens, closes)
            """)
    }

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
func isKnown(zone: String, _ tx: Transaction) async throws -> Bool {
    guard zone.contains("/") || zone == "UTC", !zone.hasPrefix("posix/"), !zone.hasPrefix("right/"), TimeZone(identifier: zone) != nil else {
        return false
    }
    return try await tx.first("SELECT true FROM pg_timezone_names WHERE name = \(zone)", as: Bool.self) == true
}
