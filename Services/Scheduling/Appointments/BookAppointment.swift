internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Bookings {
    /// Gives a time to a patient: the one held under this id, or a free one. Constraints decide who of many gets it.
    @Sendable func bookAppointment(_ command: BookAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<BookAppointment> {
        command.takeTurns(tx)
        command.freeLapsed(tx)
        let booking = command.onlyHeld == true ? confirming(command) : booking(command, by: actor)
        guard let line = try await AppointmentLine.all(booking, in: tx).first else { return try await notBooked(command, actor, tx) }
        try tx.emit(AppointmentBooked(line))
        if actor.role != .patient { endRequest(for: line, by: actor, tx) }
        return .done(Booked(line))
    }

    /// What the patient asked the clinic for is there now.
    private func endRequest(for visit: AppointmentLine, by actor: Actor, _ tx: Transaction) {
        tx.queue(
            """
            UPDATE waiting SET state = 'done', answer = 'booked', ended_at = now(), ended_by = \(actor.account?.uuid)
            WHERE patient = \(visit.patient.uuid) AND service = \(visit.service) AND kind = 'request' AND state = 'open'
            """)
    }

    /// The held time becomes a visit; no row when the hold is over, or is not this patient's.
    private func confirming(_ command: BookAppointment) -> SQL {
        """
        WITH \(confirmed(command))
        SELECT \(AppointmentLine.columns) FROM confirmed WHERE id IN (SELECT appointment FROM kept)
        """
    }

    /// Two expressions: the appointment confirmed, and its time kept.
    private func confirmed(_ command: BookAppointment) -> SQL {
        """
        confirmed AS (
            UPDATE appointment SET status = 'booked', version = version + 1, hold_until = NULL
            WHERE id = \(command.appointment.uuid) AND patient = \(command.patient.uuid) AND practitioner = \(command.practitioner.uuid)
                AND location = \(command.location.uuid) AND service = \(command.service) AND start_at = \(command.start)
                AND status = 'pending' AND live AND hold_until > clock_timestamp()
            RETURNING *
        ), kept AS (
            -- Whoever found the hold lapsed has removed this row: then it is theirs, and nothing is booked here.
            UPDATE resource_time t SET hold_until = NULL FROM confirmed c WHERE t.appointment = c.id RETURNING t.appointment
        )
        """
    }

    /// Returns the appointment once it is booked; no row when the hold is over or the time is not offered.
    private func booking(_ command: BookAppointment, by actor: Actor) -> SQL {
        """
        WITH \(confirmed(command)), wanted AS MATERIALIZED (
            SELECT o.* FROM \(command.offered(horizonDays: horizonDays)) WHERE \(command.isAllowed(actor))
        ), fresh AS (
            INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live, made_by,
                ticket)
            SELECT \(command.appointment.uuid), 1, 'booked', \(command.patient.uuid), o.practitioner, o.location, \(command.service), o.start_at,
                o.end_at, o.wall, o.zone, true, \(actor.account?.uuid), \(command.ticket)
            FROM wanted o
            WHERE NOT EXISTS (SELECT FROM appointment WHERE id = \(command.appointment.uuid))
            RETURNING *
        ), taken AS (
            \(Self.taking("fresh f CROSS JOIN wanted o", of: command.service))
        )
        SELECT \(AppointmentLine.columns) FROM (
            SELECT * FROM confirmed WHERE id IN (SELECT appointment FROM kept) UNION ALL SELECT * FROM fresh
        ) booked
        """
    }

    private func notBooked(_ command: BookAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<BookAppointment> {
        guard let known = try await AppointmentLine.read(command.appointment, in: tx) else {
            guard command.onlyHeld != true else { return .refused(.idInUse) }
            if let refusal = try await command.refusalOfRules(actor, tx) { return .refused(refusal) }
            let near = try await alternatives(to: command, tx)
            let blocking = try await command.blockingResources(tx, horizonDays: horizonDays)
            return .refused(blocking.isEmpty ? .notOffered(alternatives: near) : .resourceTaken(names: blocking, alternatives: near))
        }
        guard known.matches(command) else { return .refused(.idInUse) }
        switch known.status {
        // Sent twice with another key: it is booked, and was told.
        case "booked", "arrived", "checked-in", "fulfilled": return .done(Booked(known))
        default: return .refused(.holdLapsed(alternatives: try await alternatives(to: command, tx)))
        }
    }

    /// What a violated constraint of `appointment` or `resource_time` means to whoever asked.
    @Sendable func refusal(of command: some TimeWanted, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> BookingRefusal? {
        switch constraint {
        case "resource_time_taken", "resource_time_one_session": return .taken(alternatives: try await alternatives(to: command, tx))
        case "appointment_patient_busy":
            let clash = try await tx.first(
                """
                SELECT id FROM appointment
                WHERE patient = \(command.patient.uuid) AND live AND id <> \(command.appointment.uuid) AND tstzrange(start_at, end_at)
                    && (SELECT tstzrange(\(command.start), \(command.start) + make_interval(mins => minutes))
                        FROM visit_service WHERE code = \(command.service))
                ORDER BY start_at LIMIT 1
                """, as: UUID.self)
            // Cancelled meanwhile: the time is the patient's to ask for again.
            guard let clash else { throw DatabaseError(.serialization) }
            return .patientBusy(with: ID(clash))
        case "appointment_once": return .idInUse
        default: return nil
        }
    }
}

extension AppointmentBooked {
    init(_ line: AppointmentLine) {
        self.init(
            appointment: line.appointment, version: line.version, patient: line.patient, practitioner: line.practitioner, location: line.location,
            start: line.start, end: line.end, service: line.service)
    }
}

extension Booked {
    init(_ line: AppointmentLine) {
        self.init(appointment: line.appointment, version: line.version, start: line.start, end: line.end)
    }
}
