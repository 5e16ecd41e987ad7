internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Bookings {
    /// Books what is free of the series. Whoever else wants one of its days waits, so that what was found free is.
    @Sendable func bookSeries(_ command: BookSeries, _ actor: Actor, _ tx: Transaction) async throws -> Answer<BookSeries> {
        guard (1...12).contains(command.weeks), (2...60).contains(command.count) else { return .refused(.invalid) }
        Self.wait(for: command.patient, tx)
        takeTurns(command, tx)
        tx.queue("DELETE FROM resource_time WHERE resource = \(command.practitioner.uuid) AND hold_until <= clock_timestamp()")
        Self.freeLapsedResources(of: command.location, for: command.service, tx)
        let times = try await tx.all(
            "SELECT t.local, t.is_free FROM (\(occurrences(of: command))) t ORDER BY t.wall", as: String.self, Bool.self)
        guard times.first?.1 == true else { return .refused(.firstNotFree) }
        let lines = try await AppointmentLine.all(
            """
            WITH wanted AS MATERIALIZED (
                SELECT t.*, gen_random_uuid() AS id FROM (\(occurrences(of: command))) t WHERE t.is_free
            ), fresh AS (
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live,
                    made_by, series)
                SELECT w.id, 1, 'booked', \(command.patient.uuid), w.practitioner, w.location, \(command.service), w.start_at, w.end_at,
                    w.wall, w.zone, true, \(actor.account?.uuid), \(command.series)
                FROM wanted w
                RETURNING *
            ), taken AS (
                \(Self.taking("wanted f JOIN wanted o ON o.id = f.id", of: command.service))
            )
            SELECT \(AppointmentLine.columns) FROM fresh ORDER BY start_at
            """, in: tx)
        for line in lines {
            try tx.emit(AppointmentBooked(line))
        }
        let booked = lines.map { Booked(appointment: $0.appointment, version: $0.version, start: $0.start, end: $0.end) }
        return .done(SeriesBooked(booked: booked, missed: times.filter { !$0.1 }.map(\.0)))
    }

    /// The wall times of the series, each with what is offered then, and whether that is free for both.
    func occurrences(of command: BookSeries) -> SQL {
        """
        SELECT s.wall, to_char(s.wall, 'YYYY-MM-DD"T"HH24:MI') AS local, o.practitioner, o.location, o.zone, o.start_at, o.end_at, o.takes,
            o.capacity, o.session, o.start_at IS NOT NULL AND f.start_at IS NOT NULL AND NOT EXISTS (
                SELECT FROM appointment a WHERE a.patient = \(command.patient.uuid) AND a.live
                    AND tstzrange(a.start_at, a.end_at) && tstzrange(o.start_at, o.end_at)) AS is_free
        FROM (
            SELECT first.wall + make_interval(weeks => \(command.weeks)::int * n) AS wall, n
            FROM (
                SELECT \(command.start) AT TIME ZONE p.zone AS wall FROM publication p
                WHERE p.practitioner = \(command.practitioner.uuid) AND p.location = \(command.location.uuid) ORDER BY p.version DESC LIMIT 1
            ) first CROSS JOIN generate_series(0, \(command.count)::int - 1) n
        ) s
        LEFT JOIN LATERAL (
            SELECT x.* FROM offered(\(command.service), \(command.practitioner.uuid), \(command.location.uuid), s.wall::date, 1) x
            WHERE x.wall = s.wall
        ) o ON true
        LEFT JOIN LATERAL (
            SELECT y.start_at FROM openings(\(command.service), \(command.practitioner.uuid), \(command.location.uuid), s.wall::date, 1,
                \(horizonDays)::int) y WHERE y.wall = s.wall
        ) f ON true
        """
    }

    private func takeTurns(_ command: BookSeries, _ tx: Transaction) {
        // A day more at either end: an hour of the clocks does not move a visit into a day nobody waits for.
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.practitionerDay.rawValue), turn.key) FROM (
                SELECT DISTINCT hashtext(\(command.practitioner.description) || '/' || (floor(extract(epoch FROM \(command.start)) / 86400)::bigint
                    + n * 7 * \(command.weeks)::int + d)) AS key
                FROM generate_series(0, \(command.count)::int - 1) n, generate_series(-1, 1) d ORDER BY key) turn
            """)
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.placeDay.rawValue), turn.key) FROM (
                SELECT DISTINCT hashtext(\(command.location.description) || '/' || (floor(extract(epoch FROM \(command.start)) / 86400)::bigint
                    + n * 7 * \(command.weeks)::int + d)) AS key
                FROM visit_service v, generate_series(0, \(command.count)::int - 1) n, generate_series(-1, 1) d
                WHERE v.code = \(command.service) AND v.needs <> '[]' ORDER BY key) turn
            """)
    }
}
