internal import Contracts
internal import Foundation
internal import Postgres

extension AbsenceLine {
    /// - Parameter which: a condition on the absence `b`, with what comes after it.
    static func all(_ which: SQL, in tx: Transaction) async throws -> [AbsenceLine] {
        let rows = try await tx.all(
            """
            SELECT b.id, b.practitioner, b.location, to_char(lower(b.period) AT TIME ZONE b.zone, 'YYYY-MM-DD"T"HH24:MI'),
                to_char(upper(b.period) AT TIME ZONE b.zone, 'YYYY-MM-DD"T"HH24:MI'), b.zone, b.day::text, b.note,
                (SELECT count(*) FROM affected(b.id))
            FROM absence b WHERE \(which)
            """, as: UUID.self, UUID?.self, UUID?.self, String?.self, String?.self, String?.self, String?.self, String.self, Int.self)
        return rows.compactMap { id, practitioner, location, from, until, zone, day, note, affected in
            let what: Absence
            if let practitioner, let from, let until, let zone {
                what = .leave(practitioner: ID(practitioner), from: from, until: until, zone: zone)
            } else if let location, let day {
                what = .holiday(location: ID(location), day: day)
            } else {
                return nil
            }
            return AbsenceLine(id: id, what: what, note: note, affected: affected)
        }
    }
}
