internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres
internal import ServiceHost

/// How times are offered to those who wait.
struct Waitlist: Sendable {
    /// Days ahead that can be booked.
    var horizonDays = 180
    /// How long a time is kept for whom it is offered to.
    var offerSeconds = 1_200.0
    /// How long one is kept that stands in place of a visit which cannot be as it is: their visit is gone, and they may look tomorrow.
    var insteadSeconds = 172_800.0
    /// Hours between which anybody is asked, by the clocks where the visit is: an offer is over before who sleeps could answer.
    var hours = 8..<20
    /// Of those who wait so many are read at once; a round looks at all.
    var atOnce = 500
}

/// Somebody whose turn it is.
struct Waiter: Sendable, Equatable {
    let waiting: UUID
    let patient: ID<Patient>
}

/// The time that is offered, wanted as one is that is booked.
private struct OfferedTime: TimeWanted {
    let appointment = ID<Appointment>()
    let patient: ID<Patient>
    let practitioner: ID<Practitioner>
    let location: ID<Location>
    let service: String
    let start: Date
    /// Why their visit cannot be as it is; nil where they wait by themselves.
    let absence: UUID?
}

extension Waitlist {
    /// Configuration keys:
    /// - `booking.offers.minutes`, `booking.offers.from.hour`, `booking.offers.until.hour`
    init(_ settings: Settings, horizonDays: Int) {
        self.horizonDays = horizonDays
        let minutes = settings.int("booking.offers.minutes", "how long a time is kept for who waits for one", default: 20, in: 5...1_440)
        offerSeconds = 60 * Double(minutes)
        let from = settings.int("booking.offers.from.hour", "hour from which times are offered to who waits", default: 8, in: 0...23)
        let until = settings.int("booking.offers.until.hour", "hour until which times are offered", default: 20, in: 1...24)
        hours = from..<max(until, from + 1)
    }

    func offerTimes(of service: Service) async throws {
        while !Task.isCancelled {
            try await service.transaction { tx in try await endWaiting(tx) }
            try await round(service)
            try await Task.sleep(for: .seconds(10) * Double.random(in: 0.8...1.2))
        }
    }

    /// One look at everybody who waits. - Returns: how many were offered a time.
    @discardableResult
    func round(_ database: any WorkerTransactions) async throws -> Int {
        var offered = 0
        var last: Waiter?
        repeat {
            let page = try await database.transaction { [last] tx in try await waiters(after: last, tx) }
            for waiter in page {
                if try await database.transaction({ tx in try await offer(to: waiter, tx) }) { offered += 1 }
            }
            // Whom nothing suits stays without an offer: those after them are reached by going on from there.
            last = page.count < atOnce ? nil : page.last
        } while last != nil && !Task.isCancelled
        return offered
    }

    /// Who has no offer, in the order they came. - Parameter last: whoever was looked at before.
    private func waiters(after last: Waiter?, _ tx: Transaction) async throws -> [Waiter] {
        // A row is never removed, so that the last one's place is known even when it has ended meanwhile.
        let after: SQL =
            if let last { "AND (w.joined_at, w.id) > (SELECT l.joined_at, l.id FROM waiting l WHERE l.id = \(last.waiting))" } else { "" }
        return try await tx.all(
            """
            SELECT w.id, w.patient FROM waiting w
            WHERE w.state = 'open' AND w.kind = 'list' \(after)
                AND NOT EXISTS (SELECT FROM offer f WHERE f.waiting = w.id AND f.outcome IS NULL)
            ORDER BY w.joined_at, w.id LIMIT \(atOnce)
            """, as: UUID.self, UUID.self
        ).map { Waiter(waiting: $0, patient: ID($1)) }
    }

    /// Keeps the soonest time that suits, which they have not been offered before.
    ///
    /// - Returns: whether there was one.
    func offer(to waiter: Waiter, _ tx: Transaction) async throws -> Bool {
        Bookings.wait(for: waiter.patient, tx)
        guard let wanted = try await suiting(waiter, tx) else { return false }
        wanted.takeTurns(tx)
        wanted.freeLapsed(tx)
        let seconds = wanted.absence == nil ? offerSeconds : insteadSeconds
        let held = try await AppointmentLine.all(
            """
            WITH wanted AS MATERIALIZED (
                SELECT o.* FROM \(wanted.offered(horizonDays: horizonDays))
                WHERE EXISTS (SELECT FROM waiting w WHERE w.id = \(waiter.waiting) AND w.state = 'open')
                    -- Somebody may have taken it since it was found.
                    AND EXISTS (
                        SELECT FROM openings(\(wanted.service), \(wanted.practitioner.uuid), \(wanted.location.uuid),
                            (\(wanted.start) AT TIME ZONE 'UTC')::date - 1, 3, \(horizonDays)::int) y WHERE y.start_at = o.start_at)
            ), held AS (
                INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live,
                    hold_until)
                SELECT \(wanted.appointment.uuid), 1, 'pending', \(waiter.patient.uuid), o.practitioner, o.location, \(wanted.service), o.start_at,
                    o.end_at, o.wall, o.zone, false, least(clock_timestamp() + make_interval(secs => \(seconds)), o.start_at)
                FROM wanted o
                RETURNING *
            ), taken AS (
                \(Bookings.taking("held f CROSS JOIN wanted o", of: wanted.service, isHold: true))
            ), told AS (
                INSERT INTO offer (offer, waiting, patient, until) SELECT id, \(waiter.waiting), patient, hold_until FROM held
            )
            SELECT \(AppointmentLine.columns) FROM held
            """, in: tx)
        guard let line = held.first, let until = line.holdUntil else { return false }
        if try await isToBeTold(of: line, wanted.absence, tx) {
            try tx.emit(WaitlistOffered(offer: line.appointment, patient: line.patient, at: Date(), until: until, absence: wanted.absence))
        }
        return true
    }

    /// Whose visits are several gets one message about them: it leads to all that is kept.
    private func isToBeTold(of line: AppointmentLine, _ absence: UUID?, _ tx: Transaction) async throws -> Bool {
        guard let absence else { return true }
        return try await tx.first(
            """
            SELECT true FROM offer f JOIN waiting w ON w.id = f.waiting JOIN appointment a ON a.id = f.offer
            WHERE w.absence = \(absence) AND w.patient = \(line.patient.uuid) AND f.offer <> \(line.appointment.uuid) AND f.outcome IS NULL
                AND f.until > clock_timestamp() AND a.made_at > now() - interval '1 hour' LIMIT 1
            """, as: Bool.self) == nil
    }

    private func suiting(_ waiter: Waiter, _ tx: Transaction) async throws -> OfferedTime? {
        let found = try await tx.first(
            """
            SELECT o.practitioner, o.location, w.service, o.start_at, w.absence
            FROM (
                -- Looked at once, not for every time there is.
                SELECT * FROM waiting
                WHERE id = \(waiter.waiting) AND state = 'open' AND (absence IS NULL OR visit IN (SELECT affected(absence))) OFFSET 0
            ) w
            JOIN visit_service s ON s.code = w.service
            LEFT JOIN appointment v ON v.id = w.visit
            CROSS JOIN LATERAL openings(w.service, w.practitioner, w.location, greatest(w.first_day, current_date - 1),
                least(w.last_day - greatest(w.first_day, current_date - 1) + 1, \(horizonDays)::int), \(horizonDays)::int) o
            WHERE o.wall::date BETWEEN w.first_day AND w.last_day
                AND (cardinality(w.weekdays) = 0 OR extract(isodow FROM o.wall)::int = ANY (w.weekdays))
                AND (w.part = 'any' OR (w.part = 'morning') = (o.wall::time < '12:00'))
                AND o.start_at > clock_timestamp() + make_interval(secs => \(offerSeconds))
                AND extract(hour FROM now() AT TIME ZONE o.zone) BETWEEN \(hours.lowerBound)::int AND \(hours.upperBound - 1)::int
                AND CASE WHEN w.visit IS NULL
                    THEN NOT s.only_one OR NOT EXISTS (
                        SELECT FROM appointment a WHERE a.patient = w.patient AND a.service = w.service AND a.status = 'booked' AND a.end_at > now())
                    WHEN w.absence IS NOT NULL THEN v.status = 'booked'
                    ELSE v.status = 'booked' AND o.start_at < v.start_at AND v.start_at - make_interval(mins => s.cutoff_minutes) > now() END
                AND NOT EXISTS (SELECT FROM offer f JOIN appointment a ON a.id = f.offer
                    WHERE f.waiting = w.id AND (f.outcome IS NULL OR a.practitioner = o.practitioner AND a.start_at = o.start_at))
                AND NOT EXISTS (SELECT FROM appointment a
                    WHERE a.patient = w.patient AND a.live AND a.id IS DISTINCT FROM w.visit
                        AND tstzrange(a.start_at, a.end_at) && tstzrange(o.start_at, o.end_at)
                        AND (a.hold_until IS NULL OR a.hold_until > clock_timestamp()))
            ORDER BY CASE WHEN w.absence IS NOT NULL THEN abs(extract(epoch FROM o.start_at - v.start_at)) END, o.start_at, o.practitioner,
                o.location LIMIT 1
            """, as: UUID.self, UUID.self, String.self, Date.self, UUID?.self)
        return found.map { practitioner, location, service, start, absence in
            OfferedTime(
                patient: waiter.patient, practitioner: ID(practitioner), location: ID(location), service: service, start: start, absence: absence)
        }
    }
}
