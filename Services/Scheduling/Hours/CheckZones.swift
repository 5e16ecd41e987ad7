internal import Foundation
internal import Logging
internal import Postgres
internal import ServiceHost

/// Ends the process when PostgreSQL, which computes instants, and Foundation, which shows wall times, disagree about a zone in use: people would
/// be told another time than the one that is kept.
func checkZones(of service: Service) async throws {
    let wrong = try await service.transaction { tx in try await zonesInDispute(tx) }
    guard let zone = wrong.first else { return }
    service.logger.critical("time zone data of the database and of this machine disagree", metadata: ["zone": "\(zone)"])
    exit(1)
}

/// The zones in use whose offsets differ on some day of the next 18 months.
func zonesInDispute(_ tx: Transaction) async throws -> [String] {
    let offsets = try await tx.all(
        """
        SELECT z.zone, t, extract(epoch FROM t AT TIME ZONE z.zone - t AT TIME ZONE 'UTC')::int
        FROM (SELECT zone FROM publication WHERE NOT valid << daterange(current_date, NULL)
            UNION SELECT zone FROM appointment WHERE live AND end_at > now()) z
        CROSS JOIN generate_series(date_trunc('day', now()), now() + interval '18 months', interval '1 day') t
        """, as: String.self, Date.self, Int.self)
    var wrong: Set<String> = []
    for (zone, instant, offset) in offsets where TimeZone(identifier: zone)?.secondsFromGMT(for: instant) != offset { wrong.insert(zone) }
    return wrong.sorted()
}
