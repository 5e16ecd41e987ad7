-- What a kind of visit asks of those who book it, and visits of several patients at one time.

-- As it was said; NULL where nothing was. The columns are what the statements look at.
ALTER TABLE visit_service
    ADD COLUMN rules          jsonb,
    ADD COLUMN mode           text COLLATE "C" GENERATED ALWAYS AS (coalesce(rules ->> 'mode', 'direct')) STORED,
    ADD COLUMN minutes_before int GENERATED ALWAYS AS (coalesce((rules ->> 'minutesBefore')::int, 0)) STORED,
    ADD COLUMN minutes_after  int GENERATED ALWAYS AS (coalesce((rules ->> 'minutesAfter')::int, 0)) STORED,
    ADD COLUMN capacity       int GENERATED ALWAYS AS (coalesce((rules ->> 'capacity')::int, 1)) STORED,
    ADD COLUMN notice_minutes int GENERATED ALWAYS AS (coalesce((rules ->> 'noticeMinutes')::int, 0)) STORED,
    ADD COLUMN horizon_days   int GENERATED ALWAYS AS ((rules ->> 'horizonDays')::int) STORED,
    ADD COLUMN cutoff_minutes int GENERATED ALWAYS AS (coalesce((rules ->> 'cutOffMinutes')::int, 0)) STORED,
    ADD COLUMN only_one       boolean GENERATED ALWAYS AS (coalesce((rules ->> 'onlyOne')::boolean, false)) STORED,
    ADD CONSTRAINT visit_service_rules CHECK (
        mode IN ('off', 'view', 'direct') AND minutes_before BETWEEN 0 AND 120 AND minutes_after BETWEEN 0 AND 120 AND capacity BETWEEN 1 AND 30
        AND notice_minutes BETWEEN 0 AND 43200 AND coalesce(horizon_days BETWEEN 1 AND 730, true) AND cutoff_minutes BETWEEN 0 AND 43200);
ALTER TABLE visit_service_version ADD COLUMN rules jsonb;

-- Days on which nobody is seen at a place, whatever the hours say.
CREATE TABLE holiday (
    location uuid NOT NULL,
    day      date NOT NULL,
    name     text NOT NULL CONSTRAINT holiday_name CHECK (length(name) BETWEEN 1 AND 100),
    account  uuid,
    made_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT holiday_once PRIMARY KEY (location, day)
);
GRANT SELECT ON holiday TO scheduling_limited, scheduling_staff, scheduling_worker;
GRANT INSERT, DELETE ON holiday TO scheduling_staff, scheduling_worker;

-- Who entered an absence, and why, in words for colleagues.
ALTER TABLE leave
    ADD COLUMN id      uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT leave_once UNIQUE,
    ADD COLUMN note    text NOT NULL DEFAULT '',
    ADD COLUMN account uuid,
    ADD COLUMN made_at timestamptz NOT NULL DEFAULT now();
GRANT INSERT, DELETE ON leave TO scheduling_staff, scheduling_worker;

-- Patients who come to one visit together share its session; any other visit is a session of its own. A clinician has one session at a time, and
-- each of its seats, the lanes, is one patient's.
ALTER TABLE resource_time
    ADD COLUMN session text COLLATE "C" NOT NULL DEFAULT gen_random_uuid()::text,
    ADD CONSTRAINT resource_time_one_session EXCLUDE USING gist (resource WITH =, period WITH &&, session WITH <>);

-- As before, with what the rules of the kind of visit add: `takes` is the clinician's time with what is kept free around it; `session` is NULL for a
-- visit of one patient.
DROP FUNCTION openings(text, uuid, uuid, date, int, int);
DROP FUNCTION offered(text, uuid, uuid, date, int);
CREATE FUNCTION offered(of_service text, of_practitioner uuid, at_location uuid, first date, days int)
RETURNS TABLE (
    practitioner uuid, location uuid, zone text, wall timestamp, start_at timestamptz, end_at timestamptz, notice_minutes int, horizon_days int,
    takes tstzrange, capacity int, session text)
LANGUAGE sql STABLE AS $$
    WITH day AS MATERIALIZED (
        -- Once a zone and day, not once a clinician: a day of 24 hours needs no further look at the zone.
        SELECT z.zone, d AS midnight_wall, d::date AS day, extract(isodow FROM d)::int AS weekday, instant_of(d, z.zone) AS midnight,
            coalesce(instant_of(d + interval '1 day', z.zone) - instant_of(d, z.zone) = interval '24 hours', false) AS plain
        FROM (SELECT DISTINCT p.zone FROM publication p) z
        CROSS JOIN LATERAL (SELECT coalesce(first, (now() AT TIME ZONE z.zone)::date) AS first) f
        CROSS JOIN LATERAL generate_series(f.first::timestamp, (f.first + days - 1)::timestamp, interval '1 day') d
    ), block AS MATERIALIZED (
        SELECT p.practitioner, p.location, p.zone, greatest(p.notice_minutes, v.notice_minutes) AS notice_minutes, v.horizon_days, v.capacity,
            make_interval(mins => v.minutes) AS length, make_interval(mins => v.minutes_before) AS before,
            make_interval(mins => v.minutes + v.minutes_after) AS until, day.midnight, day.midnight_wall,
            day.plain, day.midnight_wall + h.opens AS opens, day.midnight_wall + h.closes AS closes
        FROM publication p
        JOIN publication_service o ON o.publication = p.id AND o.service = of_service
        JOIN visit_service v ON v.code = of_service
        JOIN publication_hours h ON h.publication = p.id
        JOIN day ON day.zone = p.zone AND day.weekday = h.weekday AND p.valid @> day.day
        WHERE (of_practitioner IS NULL OR p.practitioner = of_practitioner) AND (at_location IS NULL OR p.location = at_location)
            AND NOT EXISTS (SELECT FROM holiday c WHERE c.location = p.location AND c.day = day.day)
    )
    SELECT b.practitioner, b.location, b.zone, w.wall, w.start_at, w.start_at + b.length, b.notice_minutes, b.horizon_days,
        tstzrange(w.start_at - b.before, w.start_at + b.until), b.capacity,
        CASE WHEN b.capacity > 1 THEN of_service || '/' || b.location || '/' || extract(epoch FROM w.start_at)::bigint END
    FROM block b
    CROSS JOIN LATERAL (
        SELECT g.wall, s.start_at, lag(s.start_at) OVER (ORDER BY g.wall) AS before
        FROM generate_series(b.opens, b.closes - b.length, b.length) AS g (wall)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.plain THEN b.midnight + (g.wall - b.midnight_wall) ELSE instant_of(g.wall, b.zone) END AS start_at
        ) s
        WHERE s.start_at IS NOT NULL
    ) w
    -- A visit does not run past closing, nor into the next one, because clocks jumped ahead meanwhile.
    WHERE b.plain OR ((w.start_at + b.length) AT TIME ZONE b.zone <= b.closes AND coalesce(w.before + b.length <= w.start_at, true))
$$;

-- The first seat of a session that nobody has; the first of all when there is none, so that the constraint says so.
CREATE FUNCTION free_lane(of_resource uuid, at_period tstzrange, seats int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT coalesce(min(lane), 1) FROM generate_series(1, seats) lane
    WHERE seats > 1 AND NOT EXISTS (
        SELECT FROM resource_time r WHERE r.resource = of_resource AND r.lane = lane.lane AND r.period && at_period)
$$;

CREATE FUNCTION openings(of_service text, of_practitioner uuid, at_location uuid, first date, days int, most_days int)
RETURNS TABLE (practitioner uuid, location uuid, zone text, wall timestamp, start_at timestamptz, end_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH candidate AS MATERIALIZED (
        SELECT o.*
        FROM offered(of_service, of_practitioner, at_location, first, days) o
        WHERE o.start_at >= now() + make_interval(mins => o.notice_minutes)
            AND o.start_at < now() + make_interval(days => least(most_days, o.horizon_days))
    ), busy AS MATERIALIZED (
        -- One set of times a clinician: looking a candidate up in it is far cheaper than a probe of the index for each.
        SELECT c.practitioner, range_agg(t.period) AS periods
        FROM (SELECT x.practitioner, tstzrange(min(lower(x.takes)), max(upper(x.takes))) AS span FROM candidate x GROUP BY x.practitioner) c
        CROSS JOIN LATERAL (
            SELECT r.period FROM resource_time r
            WHERE r.resource = c.practitioner AND r.period && c.span AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp())
            UNION ALL
            SELECT l.period FROM leave l WHERE l.practitioner = c.practitioner AND l.period && c.span
        ) t
        GROUP BY c.practitioner
    )
    SELECT c.practitioner, c.location, c.zone, c.wall, c.start_at, c.end_at
    FROM candidate c
    LEFT JOIN busy b ON b.practitioner = c.practitioner
    WHERE b.periods IS NULL OR NOT b.periods && c.takes OR c.capacity > 1
        AND NOT EXISTS (SELECT FROM leave l WHERE l.practitioner = c.practitioner AND l.period && c.takes)
        AND (SELECT count(*) < c.capacity AND coalesce(bool_and(r.session = c.session), true) FROM resource_time r
            WHERE r.resource = c.practitioner AND r.period && c.takes AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp()))
$$;
