-- Appointments, and the times they take.

CREATE TABLE appointment (
    id           uuid CONSTRAINT appointment_once PRIMARY KEY,
    version      int NOT NULL,
    -- FHIR's codes.
    status       text COLLATE "C" NOT NULL CONSTRAINT appointment_status
        CHECK (status IN ('pending', 'booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow', 'entered-in-error')),
    patient      uuid NOT NULL,
    practitioner uuid NOT NULL,
    location     uuid NOT NULL,
    service      text COLLATE "C" NOT NULL CONSTRAINT appointment_service REFERENCES visit_service,
    start_at     timestamptz NOT NULL,
    end_at       timestamptz NOT NULL,
    -- The wall time and zone people agreed on, beside the instant computed from them: rules of a zone change.
    wall_start   timestamp NOT NULL,
    zone         text COLLATE "C" NOT NULL,
    day          date NOT NULL GENERATED ALWAYS AS (wall_start::date) STORED,
    -- Takes the patient's time. A hold that has lapsed loses it at once, before it is turned into a cancelled appointment.
    live         boolean NOT NULL,
    hold_until   timestamptz,
    -- Why it ended: by-patient, by-clinic, hold-expired.
    reason       text COLLATE "C",
    -- The account that asked for it.
    made_by      uuid,
    made_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT appointment_some_time CHECK (start_at < end_at),
    CONSTRAINT appointment_hold CHECK ((status = 'pending') = (hold_until IS NOT NULL)),
    CONSTRAINT appointment_live CHECK (live OR status IN ('pending', 'cancelled', 'noshow', 'entered-in-error')),
    -- Nobody is in two places at once. [start, end): one visit may begin when another ends.
    CONSTRAINT appointment_patient_busy EXCLUDE USING gist (patient WITH =, tstzrange(start_at, end_at) WITH &&) WHERE (live)
);
CREATE INDEX appointment_of_patient ON appointment (patient, start_at);
CREATE INDEX appointment_on_day ON appointment (day, location);
CREATE INDEX appointment_held ON appointment (hold_until) WHERE status = 'pending';

-- The time an appointment takes of a clinician (of rooms and devices later). It says nothing about the patient, so that everybody may see what is
-- free. Rows go when the time is given back. Lanes let a resource take more than one at once; insert resources in sorted order.
CREATE TABLE resource_time (
    appointment uuid NOT NULL CONSTRAINT resource_time_of REFERENCES appointment,
    resource    uuid NOT NULL,
    lane        int NOT NULL DEFAULT 1,
    period      tstzrange NOT NULL,
    -- Of a hold: from then on the time is free, whether or not anybody has removed the row yet.
    hold_until  timestamptz,
    CONSTRAINT resource_time_once PRIMARY KEY (appointment, resource),
    CONSTRAINT resource_time_taken EXCLUDE USING gist (resource WITH =, lane WITH =, period WITH &&)
);

-- The offered times that can be booked now: far enough ahead, not too far, and nobody has them.
CREATE FUNCTION openings(of_service text, of_practitioner uuid, at_location uuid, first date, days int, horizon_days int)
RETURNS TABLE (practitioner uuid, location uuid, zone text, wall timestamp, start_at timestamptz, end_at timestamptz)
LANGUAGE sql STABLE AS $$
    WITH candidate AS MATERIALIZED (
        SELECT o.*
        FROM offered(of_service, of_practitioner, at_location, first, days) o
        WHERE o.start_at >= now() + make_interval(mins => o.notice_minutes) AND o.start_at < now() + make_interval(days => horizon_days)
    ), busy AS MATERIALIZED (
        -- One set of times a clinician: looking a candidate up in it is far cheaper than a probe of the index for each.
        SELECT c.practitioner, range_agg(t.period) AS periods
        FROM (SELECT x.practitioner, tstzrange(min(x.start_at), max(x.end_at)) AS span FROM candidate x GROUP BY x.practitioner) c
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
    WHERE b.periods IS NULL OR NOT b.periods && tstzrange(c.start_at, c.end_at)
$$;

GRANT SELECT, INSERT, UPDATE ON appointment TO scheduling_limited, scheduling_staff, scheduling_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON resource_time TO scheduling_limited, scheduling_staff, scheduling_worker;

ALTER TABLE appointment ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment FORCE ROW LEVEL SECURITY;
-- The list alone: with an OR beside it the planner cannot use the index.
CREATE POLICY limited ON appointment TO scheduling_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON appointment TO scheduling_staff USING (true);
CREATE POLICY worker ON appointment TO scheduling_worker USING (true);
