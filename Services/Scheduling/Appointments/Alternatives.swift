internal import Contracts
internal import Foundation
internal import Postgres

extension Bookings {
    private static let offeredAtMost = 3
    /// Of so many near ones the alternatives are taken.
    private static let near = 24

    /// Up to three times the patient could book now instead: near the one wanted, with the same clinician while there are any.
    ///
    /// Many may be refused the same time at once; told the same three they would collide again. Each begins at another place among the near ones.
    func alternatives(to wanted: some TimeWanted, _ tx: Transaction) async throws -> [Opening] {
        var found = try await near(wanted, practitioner: wanted.practitioner, tx)
        if found.count < Self.offeredAtMost {
            let others = try await near(wanted, practitioner: nil, tx)
            found += others.filter { !found.contains($0) }.prefix(Self.near)
        }
        guard found.count > Self.offeredAtMost else { return found }
        let first = Int(wanted.appointment.uuid.uuid.15) % found.count
        return (0..<Self.offeredAtMost).map { found[(first + $0) % found.count] }.sorted { $0.start.instant < $1.start.instant }
    }

    private func near(_ wanted: some TimeWanted, practitioner: ID<Practitioner>?, _ tx: Transaction) async throws -> [Opening] {
        try await openings(
            """
            SELECT \(Opening.columns)
            FROM openings(\(wanted.service), \(practitioner?.uuid), NULL, (\(wanted.start) AT TIME ZONE 'UTC')::date - 3, 14, \(horizonDays)::int) o
            WHERE NOT EXISTS (
                SELECT FROM appointment a
                WHERE a.patient = \(wanted.patient.uuid) AND a.live AND tstzrange(a.start_at, a.end_at) && tstzrange(o.start_at, o.end_at)
                    AND (a.hold_until IS NULL OR a.hold_until > clock_timestamp()))
            ORDER BY abs(extract(epoch FROM o.start_at - \(wanted.start))), o.practitioner, o.location LIMIT \(Self.near)
            """, of: wanted.service, in: tx)
    }
}
