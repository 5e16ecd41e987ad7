internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Bookings {
    /// Books where nothing is offered. The patient's own constraint holds; of the clinician's the lane is another.
    @Sendable func bookOver(_ command: BookOver, _ actor: Actor, _ tx: Transaction) async throws -> Answer<BookOver> {
        Self.wait(for: command.patient, tx)
        if let known = try await AppointmentLine.read(command.appointment, in: tx) {
            guard known.patient == command.patient, known.isOverride == true else { return .refused(.idInUse) }
            return .done(Booked(appointment: known.appointment, version: known.version, start: known.start, end: known.end))
        }
        let problems = command.problems
        guard problems.isEmpty else { return .refused(.invalid(problems: problems)) }
        let when = try await tx.first(
            """
            SELECT p.zone, instant_of(\(command.start)::timestamp, p.zone), v.minutes
            FROM publication p CROSS JOIN visit_service v WHERE p.location = \(command.location.uuid) AND v.code = \(command.service)
            ORDER BY p.practitioner = \(command.practitioner.uuid) DESC, p.version DESC LIMIT 1
            """, as: String.self, Date?.self, Int.self)
        guard let (zone, instant, _) = when else { return .refused(.invalid(problems: [EntryProblem("location", .notPossible)])) }
        guard let start = instant, start > Date() else { return .refused(.invalid(problems: [EntryProblem("start", .notPossible)])) }
        tx.queue("SELECT pg_advisory_xact_lock(\(LockSpace.practitionerDay.rawValue), hashtext(\(Self.turn(command.practitioner, start))))")
        let collisions = try await collisions(of: command, at: start, tx)
        guard collisions.count == command.collisions else { return .refused(.collides(collisions)) }
        let lines = try await AppointmentLine.all(
            """
            WITH fresh AS (
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live,
                    made_by, override_reason)
                SELECT \(command.appointment.uuid), 1, 'booked', \(command.patient.uuid), \(command.practitioner.uuid),
                    \(command.location.uuid), v.code, \(start), \(start) + make_interval(mins => v.minutes),
                    \(command.start)::timestamp, \(zone), true, \(actor.account?.uuid),
                    \(command.reason)
                FROM visit_service v WHERE v.code = \(command.service)
                RETURNING *
            ), taken AS (
                INSERT INTO resource_time (appointment, resource, lane, session, period)
                SELECT id, practitioner, lane_over(practitioner, tstzrange(start_at, end_at)), id::text, tstzrange(start_at, end_at) FROM fresh
            )
            SELECT \(AppointmentLine.columns) FROM fresh
            """, in: tx)
        guard let line = lines.first else { return .refused(.invalid(problems: [EntryProblem("service", .notPossible)])) }
        // Of rooms and devices what is free.
        Self.takeResourcesAnew(line.appointment, tx)
        try tx.emit(AppointmentBooked(line))
        return .done(Booked(appointment: line.appointment, version: line.version, start: line.start, end: line.end))
    }

    /// What is in the way: visits first, then why the time is not offered.
    private func collisions(of command: BookOver, at start: Date, _ tx: Transaction) async throws -> [Collision] {
        let visits = tx.later(
            """
            SELECT a.start_at, to_char(a.wall_start, 'YYYY-MM-DD"T"HH24:MI'), a.zone, a.service
            FROM resource_time r JOIN appointment a ON a.id = r.appointment
            WHERE r.resource = \(command.practitioner.uuid) AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp()) AND r.period && (
                SELECT tstzrange(\(start), \(start) + make_interval(mins => minutes)) FROM visit_service WHERE code = \(command.service))
            ORDER BY a.start_at, a.id
            """)
        let others = try await tx.first(
            """
            SELECT
                EXISTS (SELECT FROM leave l WHERE l.practitioner = \(command.practitioner.uuid)
                    AND l.period && tstzrange(\(start), \(start) + make_interval(mins => v.minutes))),
                EXISTS (SELECT FROM holiday h WHERE h.location = \(command.location.uuid) AND h.day = \(command.start)::timestamp::date),
                NOT EXISTS (SELECT FROM publication p JOIN publication_hours h ON h.publication = p.id
                    WHERE p.practitioner = \(command.practitioner.uuid) AND p.location = \(command.location.uuid)
                        AND p.valid @> \(command.start)::timestamp::date AND h.weekday = extract(isodow FROM \(command.start)::timestamp)
                        AND h.opens <= \(command.start)::timestamp - date_trunc('day', \(command.start)::timestamp)
                        AND h.closes >= \(command.start)::timestamp - date_trunc('day', \(command.start)::timestamp)
                            + make_interval(mins => v.minutes))
            FROM visit_service v WHERE v.code = \(command.service)
            """, as: Bool.self, Bool.self, Bool.self)
        var found = try visits.all(as: Date.self, String.self, String.self, String.self).map { start, local, zone, service in
            Collision(kind: .visit, start: ZonedTime(start, local: local, zone: zone), service: service)
        }
        let (isAway, isClosed, isOutside) = others ?? (false, false, false)
        if isAway { found.append(Collision(kind: .leave)) }
        if isClosed { found.append(Collision(kind: .holiday)) }
        if isOutside { found.append(Collision(kind: .hours)) }
        return found
    }

    @Sendable func refusalOfOver(_ command: BookOver, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> BookOverRefusal? {
        switch constraint {
        case "appointment_once": return .idInUse
        case "appointment_patient_busy":
            let clash = try await tx.first(
                """
                SELECT a.id FROM appointment a CROSS JOIN visit_service v
                WHERE a.patient = \(command.patient.uuid) AND a.live AND v.code = \(command.service) AND tstzrange(a.start_at, a.end_at) && (
                    SELECT tstzrange(s, s + make_interval(mins => v.minutes)) FROM (
                        SELECT instant_of(\(command.start)::timestamp, p.zone) AS s FROM publication p WHERE p.location = \(command.location.uuid)
                        ORDER BY p.practitioner = \(command.practitioner.uuid) DESC, p.version DESC LIMIT 1) at_place)
                ORDER BY a.start_at LIMIT 1
                """, as: UUID.self)
            guard let clash else { throw DatabaseError(.serialization) }
            return .patientBusy(with: ID(clash))
        default: return nil
        }
    }
}

extension BookOver {
    fileprivate var problems: [EntryProblem] {
        var problems: [EntryProblem] = []
        let parts = start.split(separator: "T", omittingEmptySubsequences: false).map(String.init)
        if parts.count != 2 || LocalDay(parts[0]) == nil || WallTime(parts[1]).map({ $0.minutes < 24 * 60 }) != true {
            problems.append(EntryProblem("start", .notPossible))
        }
        if reason.trimmingCharacters(in: .whitespacesAndNewlines).count < 3 { problems.append(EntryProblem("reason", .missing)) }
        if reason.count > 200 { problems.append(EntryProblem("reason", .tooLong)) }
        return problems
    }
}
