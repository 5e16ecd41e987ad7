-- Absences can be named and taken back, and a leave is shown by the clocks it was entered by.

ALTER TABLE holiday ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT holiday_id_once UNIQUE;
ALTER TABLE leave ADD COLUMN zone text COLLATE "C" NOT NULL DEFAULT 'UTC';

-- Every absence in one shape, with the booked visits it leaves without a clinician or a place.
CREATE VIEW absence WITH (security_invoker = true) AS
    SELECT l.id, l.practitioner, NULL::uuid AS location, l.period, l.zone, NULL::date AS day, l.note FROM leave l
    UNION ALL
    SELECT h.id, NULL, h.location, NULL, NULL, h.day, h.name FROM holiday h;
CREATE FUNCTION affected(of_absence uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT a.id FROM leave l
    JOIN resource_time r ON r.resource = l.practitioner AND r.period && l.period
    JOIN appointment a ON a.id = r.appointment AND a.status = 'booked' AND a.end_at > now()
    WHERE l.id = of_absence
    UNION
    SELECT a.id FROM holiday h JOIN appointment a ON a.location = h.location AND a.day = h.day AND a.status = 'booked' AND a.end_at > now()
    WHERE h.id = of_absence
$$;
GRANT SELECT ON absence TO scheduling_limited, scheduling_staff, scheduling_worker;
