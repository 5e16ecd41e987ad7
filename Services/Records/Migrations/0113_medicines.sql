-- What the operator loaded of medicines that do not go together; the newest counts. Of no patient.
CREATE TABLE safety_table (
    id        uuid PRIMARY KEY,
    version   text NOT NULL,
    is_sample boolean NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    body      bytea NOT NULL
);
GRANT SELECT, INSERT ON safety_table TO records_worker;
GRANT SELECT ON safety_table TO records_staff, records_limited;

-- Patients ask for more of a medicine: beside their Consent, a Task is theirs to write.
DROP POLICY consent_alone ON resource;
DROP POLICY consent_alone_again ON resource;
DROP POLICY consent_alone ON resource_version;
CREATE POLICY theirs_to_write ON resource AS RESTRICTIVE FOR INSERT TO records_limited WITH CHECK (type IN ('Consent', 'Task'));
CREATE POLICY theirs_to_change ON resource AS RESTRICTIVE FOR UPDATE TO records_limited USING (type = 'Consent') WITH CHECK (type = 'Consent');
CREATE POLICY theirs_to_write ON resource_version AS RESTRICTIVE FOR INSERT TO records_limited WITH CHECK (type IN ('Consent', 'Task'));

-- The worklist: what waits for an answer, the oldest first.
CREATE INDEX ON resource (status, d_lo) WHERE type = 'Task';
