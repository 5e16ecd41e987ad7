-- What staff write to each other on a chart. Nothing is granted to the role of patients' transactions, and no policy is theirs.
CREATE TABLE staff_message (
    id           uuid CONSTRAINT staff_message_once PRIMARY KEY,
    patient      uuid NOT NULL,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    account      uuid,
    practitioner uuid,
    -- Sealed.
    body         bytea NOT NULL
);
CREATE INDEX staff_message_of ON staff_message (patient, at);

GRANT SELECT, INSERT ON staff_message TO messaging_staff;
GRANT SELECT, UPDATE ON staff_message TO messaging_worker;
ALTER TABLE staff_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_message FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON staff_message TO messaging_staff USING (true);
CREATE POLICY worker ON staff_message TO messaging_worker USING (true);
