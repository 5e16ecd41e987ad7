internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// The new time of a visit, wanted as one is that is booked.
private struct NewTime: TimeWanted {
    let appointment: ID<Appointment>
    let patient: ID<Patient>
    let practitioner: ID<Practitioner>
    let location: ID<Location>
    let service: String
    let start: Date

    init(_ command: RescheduleAppointment, _ service: String) {
        appointment = command.appointment
        patient = command.patient
        practitioner = command.practitioner
        location = command.location
        self.service = service
        start = command.start
    }
}

extension Bookings {
    /// Moves a visit. Its rows are changed, not written anew: a constraint does not hold a visit's own old time against it, and whoever is refused
    /// keeps what they had.
    @Sendable func rescheduleAppointment(
        _ command: RescheduleAppointment, _ actor: Actor, _ tx: Transaction
    ) async throws -> Answer<RescheduleAppointment> {
        Self.wait(for: command.patient, tx)
        takeTurns(command, tx)
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.placeDay.rawValue),
                hashtext(\(command.location.description) || '/' || floor(extract(epoch FROM \(command.start)) / 86400)::bigint))
            FROM appointment a JOIN visit_service v ON v.code = a.service AND v.needs <> '[]' WHERE a.id = \(command.appointment.uuid)
            """)
        let found = tx.later("SELECT \(AppointmentLine.columns) FROM appointment WHERE id = \(command.appointment.uuid) FOR UPDATE")
        let state = tx.later(
            """
            SELECT a.start_at > now(), v.mode = 'direct' AND a.start_at - make_interval(mins => v.cutoff_minutes) > now()
            FROM appointment a JOIN visit_service v ON v.code = a.service WHERE a.id = \(command.appointment.uuid)
            """)
        try await tx.flush()
        guard let old = try AppointmentLine.all(found).first, old.patient == command.patient,
            let (isToCome, isBeforeCutOff) = try state.first(as: Bool.self, Bool.self)
        else { return .refused(.notFound) }
        guard old.status == "booked", isToCome else { return .refused(.tooLate) }
        // Sent twice with another key: it is there already.
        if old.isAt(command) { return .done(Rescheduled(old)) }
        guard old.version == command.version || Fault.movesOverwrite.isOn else { return .refused(.changedMeanwhile(version: old.version)) }
        guard actor.role != .patient || isBeforeCutOff else { return .refused(.pastCutOff) }
        let wanted = NewTime(command, old.service)
        wanted.freeLapsed(tx)
        guard let line = try await AppointmentLine.all(moving(wanted), in: tx).first else {
            let near = try await alternatives(to: wanted, tx)
            let blocking = try await wanted.blockingResources(tx, horizonDays: horizonDays)
            return .refused(blocking.isEmpty ? .notOffered(alternatives: near) : .resourceTaken(names: blocking, alternatives: near))
        }
        Self.takeResourcesAnew(line.appointment, tx)
        try tx.emit(
            AppointmentRescheduled(
                appointment: line.appointment, version: line.version, patient: line.patient, practitioner: line.practitioner,
                location: line.location, start: line.start, end: line.end,
                old: AppointmentTime(practitioner: old.practitioner, location: old.location, start: old.start, end: old.end)))
        return .done(Rescheduled(line))
    }

    /// Whoever moves waits for both days, the one that is left and the one that is wanted, in one order for everybody: two who want each other's time
    /// would wait for each other otherwise.
    private func takeTurns(_ command: RescheduleAppointment, _ tx: Transaction) {
        tx.queue(
            """
            SELECT pg_advisory_xact_lock(\(LockSpace.practitionerDay.rawValue), turn.key) FROM (
                SELECT DISTINCT hashtext(turn) AS key FROM (
                    SELECT \(Self.turn(command.practitioner, command.start)) AS turn UNION ALL
                    SELECT practitioner || '/' || floor(extract(epoch FROM start_at) / 86400)::bigint FROM appointment
                    WHERE id = \(command.appointment.uuid)) both_days
                ORDER BY key) turn
            """)
    }

    /// Returns the appointment at its new time; no row when that is not offered.
    private func moving(_ wanted: NewTime) -> SQL {
        """
        WITH wanted AS MATERIALIZED (
            SELECT o.* FROM \(wanted.offered(horizonDays: horizonDays))
        ), moved AS (
            UPDATE appointment a SET version = a.version + 1, practitioner = o.practitioner, location = o.location, start_at = o.start_at,
                end_at = o.end_at, wall_start = o.wall, zone = o.zone, override_reason = NULL,
                series_wall = CASE WHEN a.series IS NOT NULL THEN coalesce(a.series_wall, a.wall_start) END
            FROM wanted o WHERE a.id = \(wanted.appointment.uuid)
            RETURNING a.*
        ), taken AS (
            UPDATE resource_time t SET resource = o.practitioner, period = o.takes, session = coalesce(o.session, t.appointment::text),
                lane = free_lane(o.practitioner, o.takes, o.capacity)
            FROM wanted o WHERE t.appointment = \(wanted.appointment.uuid) AND NOT t.is_other
        )
        SELECT \(AppointmentLine.columns) FROM moved
        """
    }

    /// What a violated constraint means to whoever wanted to move a visit.
    @Sendable func refusalOfMove(
        _ command: RescheduleAppointment, _ constraint: String, _ actor: Actor, _ tx: Transaction
    ) async throws -> RescheduleRefusal? {
        guard let known = try await AppointmentLine.read(command.appointment, in: tx) else { return .notFound }
        switch try await refusal(of: NewTime(command, known.service), constraint, actor, tx) {
        case .taken(let alternatives)?: return .taken(alternatives: alternatives)
        case .patientBusy(let other)?: return .patientBusy(with: other)
        default: return nil
        }
    }
}

extension Rescheduled {
    fileprivate init(_ line: AppointmentLine) {
        self.init(appointment: line.appointment, version: line.version, start: line.start, end: line.end)
    }
}

extension AppointmentLine {
    fileprivate func isAt(_ command: RescheduleAppointment) -> Bool {
        practitioner == command.practitioner && location == command.location && abs(start.instant.timeIntervalSince(command.start)) < 0.001
    }
}
