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

extension LeaveChanged {
    /// An absence as it stands, without the words for colleagues.
    static func read(_ id: UUID, in tx: Transaction) async throws -> LeaveChanged? {
        let row = try await tx.first(
            "SELECT practitioner, lower(period), upper(period), location, day::text FROM absence WHERE id = \(id)", as: UUID?.self, Date?.self,
            Date?.self, UUID?.self, String?.self)
        return row.map { practitioner, from, until, location, day in
            LeaveChanged(
                absence: id, practitioner: practitioner.map { ID($0) }, from: from, until: until, location: location.map { ID($0) }, day: day)
        }
    }
}
