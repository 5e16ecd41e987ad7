-- Which visits by video go on, as telemedicine said: during one its two people write to each other without a promise of an answer.
CREATE TABLE call_visit (
    appointment uuid CONSTRAINT call_visit_once PRIMARY KEY,
    patient     uuid NOT NULL,
    started_at  timestamptz,
    ended_at    timestamptz
);

GRANT SELECT ON call_visit TO messaging_limited, messaging_staff;
GRANT SELECT, INSERT, UPDATE ON call_visit TO messaging_worker;
ALTER TABLE call_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_visit FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON call_visit TO messaging_staff USING (true);
CREATE POLICY worker ON call_visit TO messaging_worker USING (true);
CREATE POLICY limited ON call_visit TO messaging_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
