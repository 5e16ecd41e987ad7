internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// Books the time that is kept, or moves the visit to it. Until here the visit is where it was; from here on it is at the new time alone.
@Sendable func takeOffer(_ command: TakeOffer, _ actor: Actor, _ tx: Transaction) async throws -> Answer<TakeOffer> {
    Bookings.wait(for: command.patient, tx)
    // In the order in which the services that end offers and holds take them.
    let state = tx.later(
        """
        SELECT waiting, outcome, until > clock_timestamp() FROM offer
        WHERE offer = \(command.offer.uuid) AND patient = \(command.patient.uuid) FOR UPDATE
        """)
    let kept = tx.later("SELECT \(AppointmentLine.columns) FROM appointment WHERE id = \(command.offer.uuid) FOR UPDATE")
    try await tx.flush()
    guard let (waiting, outcome, isOpen) = try state.first(as: UUID.self, String?.self, Bool.self), let offered = try AppointmentLine.all(kept).first
    else { return .refused(.notFound) }
    let visit = try await tx.first("SELECT visit FROM waiting WHERE id = \(waiting)", as: UUID?.self) ?? nil
    if outcome == "taken", let line = try await AppointmentLine.read(visit.map { ID($0) } ?? command.offer, in: tx) { return .done(Booked(line)) }
    guard outcome == nil, isOpen, offered.status == "pending" else { return .refused(.over) }
    var moved: AppointmentLine?
    if let visit {
        moved = try await AppointmentLine.all("SELECT \(AppointmentLine.columns) FROM appointment WHERE id = \(visit) FOR UPDATE", in: tx).first
        guard let moved, moved.status == "booked", moved.start.instant > Date() else { return .refused(.visitGone) }
    }
    // No row: the hold has ended this moment, or the clinician is away then.
    let isKept = try await tx.first(
        """
        UPDATE resource_time r SET hold_until = NULL
        WHERE r.appointment = \(command.offer.uuid) AND r.hold_until > clock_timestamp()
            AND NOT EXISTS (SELECT FROM leave l WHERE l.practitioner = \(offered.practitioner.uuid) AND l.period && r.period)
        RETURNING true
        """, as: Bool.self)
    guard isKept == true else { return .refused(.over) }
    tx.queue("UPDATE offer SET outcome = 'taken' WHERE offer = \(command.offer.uuid)")
    tx.queue("UPDATE waiting SET state = 'done', ended_at = now(), ended_by = \(actor.account?.uuid) WHERE id = \(waiting)")
    let taken = if let moved { try await moving(moved.appointment, to: command.offer, tx) } else { try await booking(command.offer, tx) }
    guard let line = taken else { throw DatabaseError(.serialization) }
    if let moved {
        try tx.emit(
            AppointmentRescheduled(
                appointment: line.appointment, version: line.version, patient: line.patient, practitioner: line.practitioner,
                location: line.location, start: line.start, end: line.end,
                old: AppointmentTime(practitioner: moved.practitioner, location: moved.location, start: moved.start, end: moved.end)))
    } else {
        try tx.emit(AppointmentBooked(line))
    }
    return .done(Booked(line))
}

/// The time that is kept becomes the visit's own; nobody else can have had it in between.
private func moving(_ visit: ID<Appointment>, to offer: ID<Appointment>, _ tx: Transaction) async throws -> AppointmentLine? {
    tx.queue("DELETE FROM resource_time WHERE appointment = \(visit.uuid)")
    tx.queue("UPDATE resource_time SET appointment = \(visit.uuid) WHERE appointment = \(offer.uuid)")
    tx.queue(
        """
        UPDATE appointment SET status = 'cancelled', version = version + 1, hold_until = NULL, reason = 'hold-expired' WHERE id = \(offer.uuid)
        """)
    return try await AppointmentLine.all(
        """
        WITH moved AS (
            UPDATE appointment v SET version = v.version + 1, practitioner = o.practitioner, location = o.location, start_at = o.start_at,
                end_at = o.end_at, wall_start = o.wall_start, zone = o.zone, override_reason = NULL,
                series_wall = CASE WHEN v.series IS NOT NULL THEN coalesce(v.series_wall, v.wall_start) END
            FROM appointment o WHERE v.id = \(visit.uuid) AND o.id = \(offer.uuid)
            RETURNING v.*
        )
        SELECT \(AppointmentLine.columns) FROM moved
        """, in: tx
    ).first
}

private func booking(_ offer: ID<Appointment>, _ tx: Transaction) async throws -> AppointmentLine? {
    try await AppointmentLine.all(
        """
        UPDATE appointment SET status = 'booked', version = version + 1, hold_until = NULL, live = true WHERE id = \(offer.uuid)
        RETURNING \(AppointmentLine.columns)
        """, in: tx
    ).first
}

/// Everything is as it was: the visit at its time, and the offer open.
@Sendable func refusalOfOffer(_ command: TakeOffer, _ constraint: String, _ actor: Actor, _ tx: Transaction) async throws -> OfferRefusal? {
    guard constraint == "appointment_patient_busy" else { return nil }
    let clash = try await tx.first(
        """
        SELECT a.id FROM appointment o
        JOIN appointment a ON a.patient = o.patient AND a.live AND tstzrange(a.start_at, a.end_at) && tstzrange(o.start_at, o.end_at)
        WHERE o.id = \(command.offer.uuid) AND a.id <> o.id
            AND a.id NOT IN (SELECT w.visit FROM offer f JOIN waiting w ON w.id = f.waiting WHERE f.offer = o.id AND w.visit IS NOT NULL)
        ORDER BY a.start_at LIMIT 1
        """, as: UUID.self)
    guard let clash else { throw DatabaseError(.serialization) }
    return .patientBusy(with: ID(clash))
}
