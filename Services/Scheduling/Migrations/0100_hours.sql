-- When clinicians see patients. Nothing here is about a patient: every role may read it.

-- Kinds of visit, as the clinic words them: one length for the whole clinic, whoever offers it.
CREATE TABLE visit_service (
    code    text COLLATE "C" CONSTRAINT visit_service_once PRIMARY KEY,
    -- By language: {"en": "Office visit"}.
    names   jsonb NOT NULL,
    minutes int NOT NULL CONSTRAINT visit_service_minutes CHECK (minutes BETWEEN 5 AND 480)
);

-- What was published for one clinician at one place. A later publication takes over from its first day on; the earlier row stays, with what is
-- left of its days (an empty range when nothing is), so that it can be said what was offered when.
CREATE TABLE publication (
    id             uuid CONSTRAINT publication_once PRIMARY KEY,
    practitioner   uuid NOT NULL,
    location       uuid NOT NULL,
    -- IANA name. Hours are wall times in it; there is no other zone to fall back to.
    zone           text COLLATE "C" NOT NULL,
    valid          daterange NOT NULL,
    notice_minutes int NOT NULL CONSTRAINT publication_notice CHECK (notice_minutes >= 0),
    published_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT publication_one_a_day EXCLUDE USING gist (practitioner WITH =, location WITH =, valid WITH &&)
);

CREATE TABLE publication_service (
    publication uuid NOT NULL CONSTRAINT publication_service_of REFERENCES publication,
    service     text COLLATE "C" NOT NULL CONSTRAINT publication_service_known REFERENCES visit_service,
    CONSTRAINT publication_service_once PRIMARY KEY (publication, service)
);

CREATE TABLE publication_hours (
    publication uuid NOT NULL CONSTRAINT publication_hours_of REFERENCES publication,
    -- ISO: 1 Monday … 7 Sunday.
    weekday     int NOT NULL CONSTRAINT publication_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
    -- Intervals, because a day may end at 24:00.
    opens       interval NOT NULL,
    closes      interval NOT NULL,
    CONSTRAINT publication_hours_once PRIMARY KEY (publication, weekday, opens),
    CONSTRAINT publication_hours_order CHECK (opens >= '0' AND opens < closes AND closes <= '24 hours')
);

-- Times a clinician is away although the hours say otherwise.
CREATE TABLE leave (
    practitioner uuid NOT NULL,
    period       tstzrange NOT NULL CONSTRAINT leave_some_time CHECK (NOT isempty(period))
);
CREATE INDEX leave_of ON leave USING gist (practitioner, period);

-- The instant of a wall time: the first when clocks show it twice, NULL when they skip it. AT TIME ZONE alone answers with the second of two, and
-- with an hour later for one that does not exist.
CREATE FUNCTION instant_of(wall timestamp, zone text) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT min(candidate)
    FROM (VALUES
        (wall AT TIME ZONE zone),
        -- As if the offset of the day before still held.
        ((wall - (((wall AT TIME ZONE zone) - interval '1 day') AT TIME ZONE zone - ((wall AT TIME ZONE zone) - interval '1 day') AT TIME ZONE 'UTC'))
            AT TIME ZONE 'UTC')
    ) AS candidates (candidate)
    WHERE candidate AT TIME ZONE zone = wall
$$;

-- Every time the hours offer, taken or not, on `days` local days from `first`; a NULL practitioner or place means any, a NULL first day today.
-- Visits start on a grid of wall times. Where clocks jump ahead, one that would begin while the one before it still runs is left out.
CREATE FUNCTION offered(of_service text, of_practitioner uuid, at_location uuid, first date, days int)
RETURNS TABLE (practitioner uuid, location uuid, zone text, wall timestamp, start_at timestamptz, end_at timestamptz, notice_minutes int)
LANGUAGE sql STABLE AS $$
    WITH day AS MATERIALIZED (
        -- Once a zone and day, not once a clinician: a day of 24 hours needs no further look at the zone.
        SELECT z.zone, d AS midnight_wall, d::date AS day, extract(isodow FROM d)::int AS weekday, instant_of(d, z.zone) AS midnight,
            coalesce(instant_of(d + interval '1 day', z.zone) - instant_of(d, z.zone) = interval '24 hours', false) AS plain
        FROM (SELECT DISTINCT p.zone FROM publication p) z
        CROSS JOIN LATERAL (SELECT coalesce(first, (now() AT TIME ZONE z.zone)::date) AS first) f
        CROSS JOIN LATERAL generate_series(f.first::timestamp, (f.first + days - 1)::timestamp, interval '1 day') d
    ), block AS MATERIALIZED (
        SELECT p.practitioner, p.location, p.zone, p.notice_minutes, make_interval(mins => v.minutes) AS length, day.midnight, day.midnight_wall,
            day.plain, day.midnight_wall + h.opens AS opens, day.midnight_wall + h.closes AS closes
        FROM publication p
        JOIN publication_service o ON o.publication = p.id AND o.service = of_service
        JOIN visit_service v ON v.code = of_service
        JOIN publication_hours h ON h.publication = p.id
        JOIN day ON day.zone = p.zone AND day.weekday = h.weekday AND p.valid @> day.day
        WHERE (of_practitioner IS NULL OR p.practitioner = of_practitioner) AND (at_location IS NULL OR p.location = at_location)
    )
    SELECT b.practitioner, b.location, b.zone, w.wall, w.start_at, w.start_at + b.length, b.notice_minutes
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

GRANT SELECT ON visit_service, publication, publication_service, publication_hours, leave
    TO scheduling_limited, scheduling_staff, scheduling_worker;
GRANT INSERT, UPDATE ON visit_service, publication TO scheduling_staff, scheduling_worker;
GRANT INSERT ON publication_service, publication_hours TO scheduling_staff, scheduling_worker;
