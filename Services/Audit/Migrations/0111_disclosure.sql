-- What left the clinic: to whom, why, when, and whose records it was about. Kept for good; a patient is owed the last six years of it.
CREATE TABLE export (
    id        uuid CONSTRAINT export_once PRIMARY KEY,
    at        timestamptz NOT NULL,
    what      text COLLATE "C" NOT NULL CONSTRAINT export_what CHECK (what IN ('audit-trail')),
    -- Sealed with nobody's key: what was told of a record stays known when the record is destroyed.
    recipient bytea NOT NULL,
    purpose   bytea NOT NULL,
    made_by   text COLLATE "C" NOT NULL
);

CREATE TABLE disclosure (
    patient uuid NOT NULL,
    export  uuid NOT NULL CONSTRAINT disclosure_export REFERENCES export,
    CONSTRAINT disclosure_once PRIMARY KEY (patient, export)
);
CREATE INDEX disclosure_of ON disclosure (export);

GRANT SELECT, INSERT, UPDATE (recipient, purpose) ON export TO audit_worker;
GRANT SELECT, INSERT ON disclosure TO audit_worker;
GRANT SELECT ON export, disclosure TO audit_limited, audit_staff;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['export', 'disclosure'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I FOR SELECT TO audit_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO audit_worker USING (true)', name);
    END LOOP;
END $$;
CREATE POLICY limited ON disclosure TO audit_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
-- Of what left only that with one's own record in it.
CREATE POLICY limited ON export TO audit_limited USING (EXISTS (SELECT FROM disclosure d WHERE d.export = export.id));
