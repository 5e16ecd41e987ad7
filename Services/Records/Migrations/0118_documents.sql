-- Parts of a patient's document: sealed with the patient's key. Once they are filed they are of no time: `at` is infinity, so that nothing that
-- forgets uploads by their age takes them, an earlier release neither.
ALTER TABLE upload_part ADD COLUMN patient uuid;
CREATE INDEX ON upload_part (patient);
CREATE INDEX ON upload_part (at);

-- The files of documents. A patient has the same bytes once, however often they are filed.
CREATE TABLE document_file (
    -- The upload whose parts it is.
    id      uuid CONSTRAINT document_file_pkey PRIMARY KEY,
    patient uuid NOT NULL,
    -- Keyed hash of the SHA-256: without the key nobody finds out whether a file they have is here.
    digest  bytea NOT NULL,
    size    bigint NOT NULL CONSTRAINT document_file_size CHECK (size > 0),
    CONSTRAINT document_file_once UNIQUE (patient, digest)
);

GRANT SELECT, INSERT, UPDATE (at) ON upload_part TO records_staff, records_limited;
GRANT SELECT, INSERT ON document_file TO records_staff, records_limited;
GRANT SELECT, DELETE ON document_file TO records_worker;

ALTER TABLE document_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_file FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON document_file TO records_staff USING (true);
CREATE POLICY worker ON document_file TO records_worker USING (true);

DO $$
DECLARE
    mine text := $p$(SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]$p$;
BEGIN
    EXECUTE format('CREATE POLICY limited ON upload_part TO records_limited USING (patient = ANY (%s))', mine);
    EXECUTE format('CREATE POLICY limited ON document_file TO records_limited USING (patient = ANY (%s))', mine);
END $$;

-- Patients send documents: beside their Consent, what they ask for and what they measure they may write these.
DROP POLICY theirs_to_write ON resource;
DROP POLICY theirs_to_write ON resource_version;
CREATE POLICY theirs_to_write ON resource AS RESTRICTIVE FOR INSERT TO records_limited
    WITH CHECK (type IN ('Consent', 'Task', 'DocumentReference') OR type = 'Observation' AND category @> '{patient-reported}');
CREATE POLICY theirs_to_write ON resource_version AS RESTRICTIVE FOR INSERT TO records_limited
    WITH CHECK (type IN ('Consent', 'Task', 'DocumentReference', 'Observation', 'Patient'));
