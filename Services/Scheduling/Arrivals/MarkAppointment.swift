internal import Access
internal import Contracts
internal import Faults
internal import Foundation
internal import MessageBus
internal import Postgres

/// Takes a visit a step further, or refuses and changes nothing.
@Sendable func markAppointment(_ command: MarkAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<MarkAppointment> {
    Bookings.wait(for: command.patient, tx)
    let found = try await AppointmentLine.all(
        "SELECT \(AppointmentLine.columns) FROM appointment WHERE id = \(command.appointment.uuid) FOR UPDATE", in: tx)
    guard let line = found.first, line.patient == command.patient else { return .refused(.notFound) }
    guard line.version == command.version else { return .refused(.changedMeanwhile(version: line.version)) }
    if !Fault.visitsGoAnywhere.isOn {
        guard let step = VisitStep.from(line.status, to: command.status) else { return .refused(.illegal(status: line.status)) }
        guard step.roles.contains(actor.role) else { return .refused(.notYours) }
        guard !step.needsReason || (3...200).contains(command.reason?.count ?? 0) else { return .refused(.reasonMissing) }
        let holds = try await tx.first("SELECT \(step.condition.holds) FROM appointment WHERE id = \(command.appointment.uuid)", as: Bool.self)
        guard holds == true else { return .refused(.notNow) }
    }
    let marked = try await line.mark(command.status, by: actor.account, because: command.reason, tx)
    return .done(Marked(appointment: marked.appointment, version: marked.version, status: marked.status))
}

/// Of a cancelled visit that is to be booked again.
@Sendable func refusalOfMark(_ command: MarkAppointment, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> MarkRefusal? {
    let taken = ["resource_time_taken", "resource_time_one_session", "appointment_patient_busy", "appointment_ticket_once"]
    return taken.contains(constraint) ? .timeTaken : nil
}

extension AppointmentLine {
    /// Writes the step, and tells of it.
    fileprivate func mark(_ status: String, by account: ID<Account>?, because reason: String?, _ tx: Transaction) async throws -> AppointmentLine {
        // What was entered in error takes nobody's time; a visit that is booked again takes its own, if it is free.
        let live = status == "entered-in-error" ? false : true
        if status == "entered-in-error" { tx.queue("DELETE FROM resource_time WHERE appointment = \(appointment.uuid)") }
        let rows = tx.later(
            """
            UPDATE appointment SET status = \(status), version = version + 1, live = \(live),
                reason = CASE WHEN \(status)::text = 'booked' THEN NULL ELSE reason END
            WHERE id = \(appointment.uuid) RETURNING \(Self.columns)
            """)
        if self.status == "cancelled", live { takeTimeAgain(tx) }
        tx.queue(
            """
            INSERT INTO appointment_mark (appointment, version, account, old, new, reason)
            VALUES (\(appointment.uuid), \(version + 1)::int, \(account?.uuid)::uuid, \(self.status), \(status), \(reason)::text)
            """)
        try await tx.flush()
        guard let line = try Self.all(rows).first else { throw DatabaseError(.serialization) }
        try line.tell(of: self.status, tx)
        return line
    }

    private func takeTimeAgain(_ tx: Transaction) {
        tx.queue("DELETE FROM resource_time WHERE resource = \(practitioner.uuid) AND hold_until <= clock_timestamp()")
        tx.queue(
            """
            INSERT INTO resource_time (appointment, resource, lane, session, period)
            SELECT w.id, w.practitioner, free_lane(w.practitioner, w.takes, w.capacity), w.session, w.takes FROM (
                SELECT a.id, a.practitioner, v.capacity,
                    tstzrange(a.start_at - make_interval(mins => v.minutes_before), a.end_at + make_interval(mins => v.minutes_after)) AS takes,
                    CASE WHEN v.capacity > 1 THEN a.service || '/' || a.location || '/' || extract(epoch FROM a.start_at)::bigint
                        ELSE a.id::text END AS session
                FROM appointment a JOIN visit_service v ON v.code = a.service WHERE a.id = \(appointment.uuid)) w
            """)
        Bookings.takeResourcesAnew(appointment, tx)
    }

    /// To those who hear of steps; and to those who hear of bookings alone, what it means for them.
    fileprivate func tell(of old: String, _ tx: Transaction) throws {
        try tx.emit(AppointmentStatusChanged(appointment: appointment, version: version, patient: patient, old: old, new: status))
        if status == "booked" {
            try tx.emit(AppointmentBooked(self))
        } else if status == "entered-in-error", old != "cancelled" {
            try tx.emit(AppointmentCancelled(appointment: appointment, version: version, patient: patient, reason: "entered-in-error"))
        }
    }
}

/// Who has not come half an hour after the start is missing; the desk can say that they came after all.
///
/// - Returns: how many were marked. Visits of long ago, which nobody marked because nobody did then, stay as they are.
func markMissing(_ tx: Transaction) async throws -> Int {
    let missing = try await AppointmentLine.all(
        """
        WITH due AS (
            -- One that is being marked or moved is left to that.
            SELECT id AS due FROM appointment
            WHERE status = 'booked' AND start_at <= now() - make_interval(mins => \(lateAfterMinutes)::int) AND start_at > now() - interval '2 days'
            ORDER BY start_at LIMIT 200 FOR UPDATE SKIP LOCKED
        ), missing AS (
            UPDATE appointment SET status = 'noshow', version = version + 1 FROM due WHERE id = due RETURNING *
        ), noted AS (
            INSERT INTO appointment_mark (appointment, version, old, new) SELECT id, version, 'booked', 'noshow' FROM missing
        )
        SELECT \(AppointmentLine.columns) FROM missing ORDER BY id
        """, in: tx)
    for line in missing { try line.tell(of: "booked", tx) }
    return missing.count
}
