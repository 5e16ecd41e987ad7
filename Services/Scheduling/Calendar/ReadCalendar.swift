internal import Access
internal import Contracts
internal import Foundation
internal import MessageBus
internal import Postgres

/// The visits of some days, and how much of each hour is free: a statement for either, however many clinicians there are.
///
/// Clinicians and nurses see the visits of those they treat.
func readCalendar(_ query: ReadCalendar, _ actor: Actor, _ tx: Transaction, _ facts: FactsReader) async throws -> Answer<ReadCalendar> {
    let services = try await VisitService.all(in: tx)
    let days = min(max(query.days, 1), 7)
    // A day that is not in the calendar has no visits.
    guard let first = LocalDay(query.from) else {
        return .done(CalendarDays(appointments: [], hours: [], services: services, asOf: Date()))
    }
    let (location, practitioner) = (query.location?.uuid, query.practitioner?.uuid)
    let hours = tx.later(hoursStatement(first, days, location, practitioner))
    let lines = try await AppointmentLine.all(
        """
        SELECT \(AppointmentLine.columns) FROM appointment
        WHERE day BETWEEN \(first.text)::date AND \(first.text)::date + \(days - 1)::int
            AND (\(location)::uuid IS NULL OR location = \(location)) AND (\(practitioner)::uuid IS NULL OR practitioner = \(practitioner))
            AND status NOT IN ('cancelled', 'entered-in-error') AND NOT (status = 'pending' AND (NOT live OR hold_until <= clock_timestamp()))
        ORDER BY start_at, practitioner, id LIMIT 2000
        """, in: tx)
    let found = try hours.all(as: UUID.self, String.self, Int.self, Int.self, Int.self).map {
        CalendarHour(practitioner: ID($0), day: $1, hour: $2, minutes: $3, free: $4)
    }
    let shown = try await visible(lines, to: actor, facts, tx)
    let resources = query.withResources == true ? try await resources(of: shown, at: location, tx) : nil
    return .done(CalendarDays(appointments: shown, hours: found, services: services, resources: resources, asOf: Date()))
}

private func resources(of visits: [AppointmentLine], at location: UUID?, _ tx: Transaction) async throws -> [CalendarResource] {
    let rows = try await tx.all(
        """
        SELECT r.id, r.location, r.kind, r.name, coalesce(array_agg(t.appointment) FILTER (WHERE t.appointment IS NOT NULL), '{}')
        FROM resource r
        LEFT JOIN resource_time t ON t.resource = r.id AND t.is_other AND t.appointment = ANY (\(visits.map(\.appointment.uuid)))
        WHERE (\(location)::uuid IS NULL OR r.location = \(location)) AND (NOT r.retired OR t.appointment IS NOT NULL)
        GROUP BY r.id ORDER BY r.location, r.kind DESC, r.name, r.id
        """, as: UUID.self, UUID.self, String.self, String.self, [UUID].self)
    return rows.map { id, location, kind, name, appointments in
        CalendarResource(
            id: id, location: ID(location), kind: PlaceResource.Kind(rawValue: kind) ?? .room, name: name, appointments: appointments.map { ID($0) })
    }
}

/// By wall times, which is what a calendar shows: on the day on which clocks are set back an hour that comes twice is one.
private func hoursStatement(_ first: LocalDay, _ days: Int, _ location: UUID?, _ practitioner: UUID?) -> SQL {
    """
    WITH open AS MATERIALIZED (
        SELECT p.practitioner, p.zone, g.day, range_agg(tsrange(g.day + h.opens, g.day + h.closes)) AS hours
        FROM generate_series(\(first.text)::date::timestamp, \(first.text)::date::timestamp + make_interval(days => \(days - 1)::int),
            interval '1 day') AS g (day)
        JOIN publication p ON p.valid @> g.day::date
        JOIN publication_hours h ON h.publication = p.id AND h.weekday = extract(isodow FROM g.day)::int
        WHERE (\(location)::uuid IS NULL OR p.location = \(location)) AND (\(practitioner)::uuid IS NULL OR p.practitioner = \(practitioner))
            AND NOT EXISTS (SELECT FROM holiday c WHERE c.location = p.location AND c.day = g.day::date)
        GROUP BY p.practitioner, p.zone, g.day
    ), busy AS MATERIALIZED (
        SELECT o.practitioner, o.zone, o.day, range_agg(tsrange(least(b.first, b.last), greatest(b.first, b.last))) AS taken
        FROM open o
        CROSS JOIN LATERAL (SELECT tstzrange(o.day AT TIME ZONE o.zone, (o.day + interval '1 day') AT TIME ZONE o.zone) AS whole) d
        CROSS JOIN LATERAL (
            SELECT lower(t.period) AT TIME ZONE o.zone AS first, upper(t.period) AT TIME ZONE o.zone AS last FROM (
                SELECT r.period FROM resource_time r
                WHERE r.resource = o.practitioner AND r.period && d.whole AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp())
                UNION ALL SELECT l.period FROM leave l WHERE l.practitioner = o.practitioner AND l.period && d.whole
            ) t
        ) b
        GROUP BY o.practitioner, o.zone, o.day
    )
    SELECT o.practitioner, o.day::date::text, h.hour, m.minutes::int, m.free::int
    FROM open o
    LEFT JOIN busy b ON b.practitioner = o.practitioner AND b.zone = o.zone AND b.day = o.day
    CROSS JOIN generate_series(0, 23) AS h (hour)
    CROSS JOIN LATERAL (
        SELECT o.hours * tsmultirange(tsrange(o.day + make_interval(hours => h.hour), o.day + make_interval(hours => h.hour + 1))) AS part
    ) s
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT sum(extract(epoch FROM upper(r) - lower(r)) / 60) FROM unnest(s.part) r), 0) AS minutes,
            coalesce((SELECT sum(extract(epoch FROM upper(r) - lower(r)) / 60) FROM unnest(s.part - coalesce(b.taken, '{}')) r), 0) AS free
    ) m
    WHERE m.minutes > 0
    ORDER BY o.practitioner, o.day, h.hour LIMIT 5000
    """
}
