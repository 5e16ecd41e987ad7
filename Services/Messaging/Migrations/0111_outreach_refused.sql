-- Who does not want what is written to many.
CREATE TABLE outreach_refused (
    patient    uuid CONSTRAINT outreach_refused_once PRIMARY KEY,
    account    uuid NOT NULL,
    refused_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, DELETE ON outreach_refused TO messaging_limited;
GRANT SELECT ON outreach_refused TO messaging_staff, messaging_worker;
ALTER TABLE outreach_refused ENABLE ROW LEVEL SECURITY;
ALTER TABLE outreach_refused FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON outreach_refused TO messaging_staff USING (true);
CREATE POLICY worker ON outreach_refused TO messaging_worker USING (true);
CREATE POLICY limited ON outreach_refused TO messaging_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));

ALTER TABLE outreach_reader DROP CONSTRAINT outreach_reader_reason;
ALTER TABLE outreach_reader ADD CONSTRAINT outreach_reader_reason
    CHECK (reason IN ('noPortal', 'notAllowed', 'household', 'lately', 'deceased', 'practice', 'notWanted'));
