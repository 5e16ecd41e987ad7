internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

extension Bookings {
    /// Keeps a free time for a patient until the hold lapses or is booked.
    @Sendable func holdAppointment(_ command: HoldAppointment, _ actor: Actor, _ tx: Transaction) async throws -> Answer<HoldAppointment> {
        command.takeTurns(tx)
        command.freeLapsed(tx)
        // A patient's account counts over all it acts for; staff hold for many.
        let account = actor.role == .patient ? actor.account?.uuid : nil
        let held = try await AppointmentLine.all(
            """
            WITH wanted AS MATERIALIZED (
                SELECT o.* FROM \(command.offered(horizonDays: horizonDays)) WHERE \(command.isAllowed(actor))
            ), held AS (
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live,
                    hold_until, made_by, ticket)
                SELECT \(command.appointment.uuid), 1, 'pending', \(command.patient.uuid), o.practitioner, o.location, \(command.service), o.start_at,
                    o.end_at, o.wall, o.zone, true, clock_timestamp() + make_interval(secs => \(holdSeconds)), \(actor.account?.uuid),
                    \(command.ticket)
                FROM wanted o
                WHERE \(Self.openHolds(of: command.patient, account)) < \(Self.holdsAtMost)
                RETURNING *
            ), taken AS (
                \(Self.taking("held f CROSS JOIN wanted o", of: command.service, isHold: true))
            )
            SELECT \(AppointmentLine.columns) FROM held
            """, in: tx)
        guard let line = held.first, let until = line.holdUntil else {
            return .refused(try await refusalOfHold(command, actor, tx))
        }
        try tx.emit(AppointmentHeld(appointment: line.appointment, version: line.version, patient: line.patient, until: until))
        return .done(Held(appointment: line.appointment, start: line.start, end: line.end, until: until))
    }

    private static func openHolds(of patient: ID<Patient>, _ account: UUID?) -> SQL {
        """
        (SELECT count(*) FROM appointment
        WHERE (patient = \(patient.uuid) OR made_by = \(account)) AND status = 'pending' AND live AND hold_until > clock_timestamp())
        """
    }

    private func refusalOfHold(_ command: HoldAppointment, _ actor: Actor, _ tx: Transaction) async throws -> BookingRefusal {
        if let refusal = try await command.refusalOfRules(actor, tx) { return refusal }
        let account = actor.role == .patient ? actor.account?.uuid : nil
        let open = try await tx.first("SELECT \(Self.openHolds(of: command.patient, account))", as: Int.self) ?? 0
        if open >= Self.holdsAtMost { return .tooManyHolds }
        let near = try await alternatives(to: command, tx)
        let blocking = try await command.blockingResources(tx, horizonDays: horizonDays)
        return blocking.isEmpty ? .notOffered(alternatives: near) : .resourceTaken(names: blocking, alternatives: near)
    }
}
