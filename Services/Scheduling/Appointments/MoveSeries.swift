internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Bookings {
    /// Moves visits of a series by the same difference of wall clocks, all or none. Their times are given up first and taken again in the same
    /// transaction, so that they may take each other's; whoever is refused keeps what they had.
    @Sendable func moveSeries(_ command: MoveSeries, _ actor: Actor, _ tx: Transaction) async throws -> Answer<MoveSeries> {
        Self.wait(for: command.patient, tx)
        takeTurns(command, tx)
        let rows = tx.later("SELECT \(AppointmentLine.columns) FROM appointment WHERE \(inScope(command)) ORDER BY start_at, id FOR UPDATE")
        let known = try await AppointmentLine.read(command.from, in: tx)
        guard let known, known.series == command.series, known.patient == command.patient else { return .refused(.notFound) }
        let scope = try AppointmentLine.all(rows)
        guard let from = scope.first(where: { $0.appointment == command.from }) else { return .refused(.tooLate) }
        guard from.version == command.version else { return .refused(.changedMeanwhile(version: from.version)) }

        let stays = Set(command.leaving).subtracting([command.from])
        let moving = scope.filter { $0.appointment == command.from || $0.isApart != true && !stays.contains($0.appointment) }
        let conflicts = try await giveUp(moving, command, tx)
        guard conflicts.isEmpty else { return .refused(.conflicts(conflicts)) }
        let kept = scope.map(\.appointment).filter { one in !moving.contains { $0.appointment == one } }
        stay(kept, command, tx)
        let lines = try await takeAnew(moving, command, tx)
        let old = Dictionary(uniqueKeysWithValues: moving.map { ($0.appointment, $0) })
        for line in lines {
            guard let before = old[line.appointment] else { continue }
            try tx.emit(
                AppointmentRescheduled(
                    appointment: line.appointment, version: line.version, patient: line.patient, practitioner: line.practitioner,
                    location: line.location, start: line.start, end: line.end,
                    old: AppointmentTime(practitioner: before.practitioner, location: before.location, start: before.start, end: before.end)))
        }
        return .done(
            SeriesMoved(
                moved: lines.map { Booked(appointment: $0.appointment, version: $0.version, start: $0.start, end: $0.end) },
                kept: kept))
    }

    /// A condition: what is to come of the series, all of it or from one of them on, in the order the series has them.
    private func inScope(_ command: MoveSeries) -> SQL {
        """
        series = \(command.series) AND patient = \(command.patient.uuid) AND status = 'booked' AND start_at > now()
            AND (\(command.all) OR id = \(command.from.uuid) OR coalesce(series_wall, wall_start) >= (
                SELECT coalesce(f.series_wall, f.wall_start) FROM appointment f WHERE f.id = \(command.from.uuid)))
        """
    }

    /// The visits `ids` as rows `id`, `service` and the wall time each is to be at.
    private func targets(_ command: MoveSeries, of ids: SQL) -> SQL {
        """
        SELECT a.id, a.service, coalesce(a.series_wall, a.wall_start) + d.by AS wall
        FROM appointment a CROSS JOIN (
            SELECT (\(command.start) AT TIME ZONE p.zone) - coalesce(f.series_wall, f.wall_start) AS by
            FROM appointment f, publication p
            WHERE f.id = \(command.from.uuid) AND p.practitioner = \(command.practitioner.uuid) AND p.location = \(command.location.uuid)
            ORDER BY p.version DESC LIMIT 1
        ) d
        WHERE \(ids)
        """
    }

    /// As whoever moves one visit: for the days that are left and those that are wanted, in one order; a day more at either end, for the clocks.
    private func takeTurns(_ command: MoveSeries, _ tx: Transaction) {
        let targets = targets(command, of: inScope(command))
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.practitionerDay.rawValue), turn.key) FROM (
                SELECT DISTINCT hashtext(days.who || '/' || days.day) AS key FROM (
                    SELECT practitioner::text AS who, floor(extract(epoch FROM start_at) / 86400)::bigint AS day FROM appointment
                    WHERE \(inScope(command))
                    UNION ALL
                    SELECT \(command.practitioner.description), floor(extract(epoch FROM t.wall) / 86400)::bigint + n
                    FROM (\(targets)) t, generate_series(-1, 1) n) days
                ORDER BY key) turn
            """)
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.placeDay.rawValue), turn.key) FROM (
                SELECT DISTINCT hashtext(\(command.location.description) || '/' || (floor(extract(epoch FROM t.wall) / 86400)::bigint + n)) AS key
                FROM (\(targets)) t JOIN visit_service v ON v.code = t.service AND v.needs <> '[]', generate_series(-1, 1) n ORDER BY key) turn
            """)
    }

    /// Gives their times up. - Returns: those that cannot be at the new one, by what others have.
    private func giveUp(_ moving: [AppointmentLine], _ command: MoveSeries, _ tx: Transaction) async throws -> [SeriesConflict] {
        let ids = moving.map(\.appointment.uuid)
        tx.queue("DELETE FROM resource_time WHERE appointment = ANY (\(ids))")
        // Out of each other's way: a constraint looks at one row after the other.
        tx.queue(
            """
            UPDATE appointment SET start_at = start_at + interval '200 years', end_at = end_at + interval '200 years' WHERE id = ANY (\(ids))
            """)
        tx.queue("DELETE FROM resource_time WHERE resource = \(command.practitioner.uuid) AND hold_until <= clock_timestamp()")
        if let service = moving.first?.service { Self.freeLapsedResources(of: command.location, for: service, tx) }
        let found = try await tx.all(
            """
            SELECT t.id, to_char(t.wall, 'YYYY-MM-DD"T"HH24:MI'), o.start_at IS NOT NULL, EXISTS (
                    SELECT FROM openings(t.service, \(command.practitioner.uuid), \(command.location.uuid), t.wall::date, 1, \(horizonDays)::int) f
                    WHERE f.wall = t.wall),
                EXISTS (SELECT FROM appointment b WHERE b.patient = \(command.patient.uuid) AND b.live
                    AND tstzrange(b.start_at, b.end_at) && tstzrange(o.start_at, o.end_at))
            FROM (\(targets(command, of: "a.id = ANY (\(ids))"))) t
            LEFT JOIN LATERAL (
                SELECT x.* FROM offered(t.service, \(command.practitioner.uuid), \(command.location.uuid), t.wall::date, 1) x WHERE x.wall = t.wall
            ) o ON true
            ORDER BY t.wall
            """, as: UUID.self, String.self, Bool.self, Bool.self, Bool.self)
        guard !found.isEmpty else {
            return moving.map { SeriesConflict(appointment: $0.appointment, start: $0.start, wanted: $0.start.local, reason: .notOffered) }
        }
        let lines = Dictionary(uniqueKeysWithValues: moving.map { ($0.appointment.uuid, $0) })
        var walls: Set<String> = []
        return found.compactMap { id, wall, isOffered, isFree, isBusy in
            let isFirst = walls.insert(wall).inserted
            guard !isFree || isBusy || !isFirst, let line = lines[id] else { return nil }
            return SeriesConflict(
                appointment: line.appointment, start: line.start, wanted: wall,
                reason: !isOffered ? .notOffered : isBusy ? .patientBusy : .taken)
        }
    }

    /// Those that are left where they are: the series has another time for them from now on.
    private func stay(_ kept: [ID<Appointment>], _ command: MoveSeries, _ tx: Transaction) {
        guard !kept.isEmpty else { return }
        tx.queue(
            """
            UPDATE appointment a SET series_wall = t.wall FROM (\(targets(command, of: "a.id = ANY (\(kept.map(\.uuid)))"))) t WHERE a.id = t.id
            """)
    }

    private func takeAnew(_ moving: [AppointmentLine], _ command: MoveSeries, _ tx: Transaction) async throws -> [AppointmentLine] {
        guard let service = moving.first?.service else { return [] }
        return try await AppointmentLine.all(
            """
            WITH wanted AS MATERIALIZED (
                SELECT t.id, o.* FROM (\(targets(command, of: "a.id = ANY (\(moving.map(\.appointment.uuid)))"))) t
                CROSS JOIN LATERAL (
                    SELECT x.* FROM offered(t.service, \(command.practitioner.uuid), \(command.location.uuid), t.wall::date, 1) x
                    WHERE x.wall = t.wall
                ) o
            ), moved AS (
                UPDATE appointment a SET version = a.version + 1, practitioner = o.practitioner, location = o.location, start_at = o.start_at,
                    end_at = o.end_at, wall_start = o.wall, zone = o.zone, override_reason = NULL, series_wall = NULL
                FROM wanted o WHERE a.id = o.id
                RETURNING a.*
            ), taken AS (
                \(Self.taking("wanted f JOIN wanted o ON o.id = f.id", of: service))
            )
            SELECT \(AppointmentLine.columns) FROM moved ORDER BY start_at
            """, in: tx)
    }
}
