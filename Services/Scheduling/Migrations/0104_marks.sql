-- What became of visits on their day, and who said so.

CREATE TABLE appointment_mark (
    appointment uuid NOT NULL CONSTRAINT appointment_mark_of REFERENCES appointment,
    version     int NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    -- NULL: the service itself, half an hour after the start.
    account     uuid,
    old         text COLLATE "C" NOT NULL,
    new         text COLLATE "C" NOT NULL,
    reason      text,
    CONSTRAINT appointment_mark_once PRIMARY KEY (appointment, version)
);
GRANT SELECT, INSERT ON appointment_mark TO scheduling_staff, scheduling_worker;
ALTER TABLE appointment_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON appointment_mark TO scheduling_staff USING (true);
CREATE POLICY worker ON appointment_mark TO scheduling_worker USING (true);

CREATE INDEX appointment_expected ON appointment (start_at) WHERE status = 'booked';
