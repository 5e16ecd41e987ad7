-- Rooms and devices of a place, and which kinds of visit need one. Nothing here is about a patient: every role may read it.

CREATE TABLE resource (
    id         uuid CONSTRAINT resource_once PRIMARY KEY,
    location   uuid NOT NULL,
    kind       text COLLATE "C" NOT NULL CONSTRAINT resource_kind CHECK (kind IN ('room', 'device')),
    -- What kinds of visit name: any of a sort will do.
    sort       text COLLATE "C" NOT NULL CONSTRAINT resource_sort CHECK (length(sort) BETWEEN 1 AND 64),
    name       text NOT NULL CONSTRAINT resource_name CHECK (length(name) BETWEEN 1 AND 100),
    -- Not given to any visit from now on.
    retired    boolean NOT NULL DEFAULT false,
    version    int NOT NULL DEFAULT 1
);
CREATE INDEX resource_of_sort ON resource (location, sort) WHERE NOT retired;

-- Who said what of it when.
CREATE TABLE resource_version (
    resource   uuid NOT NULL CONSTRAINT resource_version_of REFERENCES resource,
    version    int NOT NULL,
    account    uuid,
    changed_at timestamptz NOT NULL DEFAULT now(),
    name       text NOT NULL,
    retired    boolean NOT NULL,
    CONSTRAINT resource_version_once PRIMARY KEY (resource, version)
);
GRANT SELECT ON resource TO scheduling_limited, scheduling_staff, scheduling_worker;
GRANT INSERT, UPDATE ON resource TO scheduling_staff, scheduling_worker;
GRANT SELECT, INSERT ON resource_version TO scheduling_staff, scheduling_worker;

ALTER TABLE visit_service ADD COLUMN needs jsonb NOT NULL GENERATED ALWAYS AS (coalesce(rules -> 'needs', '[]')) STORED;
-- Whether the row is the clinician's time, or that of a room or a device.
ALTER TABLE resource_time ADD COLUMN is_other boolean NOT NULL DEFAULT false;

-- A free one for each sort that a kind of visit needs; NULL where there is none. Who comes together is in one room: a session's own is free to it.
CREATE FUNCTION needed(of_service text, at_location uuid, at_period tstzrange, of_session text) RETURNS TABLE (need text, resource uuid)
LANGUAGE sql STABLE AS $$
    SELECT n.need, (
        SELECT r.id FROM resource r
        WHERE r.location = at_location AND r.sort = n.need AND NOT r.retired AND NOT EXISTS (
            SELECT FROM resource_time t WHERE t.resource = r.id AND t.period && at_period AND t.session IS DISTINCT FROM of_session
                AND (t.hold_until IS NULL OR t.hold_until > clock_timestamp()))
        ORDER BY EXISTS (
            SELECT FROM resource_time t WHERE t.resource = r.id AND t.period && at_period AND t.session = of_session) DESC, r.name, r.id
        LIMIT 1)
    FROM visit_service v CROSS JOIN LATERAL jsonb_array_elements_text(v.needs) n (need)
    WHERE v.code = of_service
$$;

-- As before, and where a kind of visit needs a room or a device only the times at which there is one.
CREATE OR REPLACE FUNCTION openings(of_service text, of_practitioner uuid, at_location uuid, first date, days int, most_days int)
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
    WHERE (b.periods IS NULL OR NOT b.periods && c.takes OR c.capacity > 1
        AND NOT EXISTS (SELECT FROM leave l WHERE l.practitioner = c.practitioner AND l.period && c.takes)
        AND (SELECT count(*) < c.capacity AND coalesce(bool_and(r.session = c.session), true) FROM resource_time r
            WHERE r.resource = c.practitioner AND r.period && c.takes AND (r.hold_until IS NULL OR r.hold_until > clock_timestamp())))
        -- Of most kinds of visit nothing is asked, and nothing looked for.
        AND CASE WHEN (SELECT v.needs <> '[]' FROM visit_service v WHERE v.code = of_service)
            THEN NOT EXISTS (SELECT FROM needed(of_service, c.location, c.takes, c.session) n WHERE n.resource IS NULL) ELSE true END
$$;
