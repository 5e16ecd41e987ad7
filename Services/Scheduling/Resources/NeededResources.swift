internal import Contracts
internal import Foundation
internal import Postgres

extension TimeWanted {
    /// Those who want a room or a device of a place on the same day come one after the other, after the clinician's: whoever looks for one finds what
    /// is free.
    func takeTurnsForResources(_ tx: Transaction) {
        let turn = "\(location)/\(Int((start.timeIntervalSince1970 / 86_400).rounded(.down)))"
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.placeDay.rawValue), hashtext(\(turn))) FROM visit_service
            WHERE code = \(service) AND needs <> '[]'
            """)
    }

    /// What stands in the way of an offered time: the names of what there is of each sort that is wanted and not free, or the sort itself.
    func blockingResources(_ tx: Transaction, horizonDays: Int) async throws -> [String] {
        let rows = try await tx.all(
            """
            SELECT n.need, ARRAY(
                SELECT r.name FROM resource r WHERE r.location = \(location.uuid) AND r.sort = n.need AND NOT r.retired ORDER BY r.name, r.id)
            FROM \(offered(horizonDays: horizonDays, evenWithout: true))
            CROSS JOIN LATERAL needed(\(service), o.location, o.takes, coalesce(o.session, \(appointment.description))) n
            WHERE n.resource IS NULL ORDER BY n.need
            """, as: String.self, [String].self)
        return rows.flatMap { need, names in names.isEmpty ? [need] : names }
    }
}

extension Bookings {
    /// The rows of `resource_time` of a visit that is made: the clinician's, and a free one of each sort that it needs, in sorted order.
    ///
    /// - Parameters:
    ///   - visits: rows `f` of new appointments, each with its offered time `o`, as a FROM clause.
    ///   - service: of all of them.
    static func taking(_ visits: SQL, of service: String, isHold: Bool = false) -> SQL {
        let (column, value): (SQL, SQL) = isHold ? (", hold_until", ", f.hold_until") : ("", "")
        return """
            INSERT INTO resource_time (appointment, resource, lane, session, period, is_other\(column))
            SELECT f.id, x.resource, free_lane(x.resource, o.takes, o.capacity), coalesce(o.session, f.id::text), o.takes, x.is_other\(value)
            FROM \(visits) CROSS JOIN LATERAL (
                SELECT o.practitioner AS resource, false AS is_other
                UNION ALL SELECT n.resource, true FROM needed(\(service), o.location, o.takes, coalesce(o.session, f.id::text)) n
            ) x ORDER BY x.resource
            """
    }

    /// Gives back what lapsed holds had of a place, where a kind of visit needs something. Whoever confirms one has the same turn, and comes later.
    static func freeLapsedResources(of location: ID<Location>, for service: String, _ tx: Transaction) {
        tx.queue(
            """
            DELETE FROM resource_time WHERE is_other AND hold_until <= clock_timestamp() AND resource IN (
                SELECT r.id FROM resource r JOIN visit_service v ON v.code = \(service) AND v.needs <> '[]' WHERE r.location = \(location.uuid))
            """)
    }

    /// A visit that has moved, or comes back, takes what it needs at its time; what it had is given back first.
    static func takeResourcesAnew(_ appointment: ID<Appointment>, _ tx: Transaction) {
        tx.queue("DELETE FROM resource_time WHERE appointment = \(appointment.uuid) AND is_other")
        tx.queue(
            """
            INSERT INTO resource_time (appointment, resource, lane, session, period, is_other)
            SELECT a.id, n.resource, free_lane(n.resource, t.period, v.capacity), t.session, t.period, true
            FROM appointment a
            JOIN visit_service v ON v.code = a.service AND v.needs <> '[]'
            JOIN resource_time t ON t.appointment = a.id AND NOT t.is_other
            CROSS JOIN LATERAL needed(a.service, a.location, t.period, t.session) n
            WHERE a.id = \(appointment.uuid) AND n.resource IS NOT NULL ORDER BY n.resource
            """)
    }
}
