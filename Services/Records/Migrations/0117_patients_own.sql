-- What patients measure at home is theirs to write, and is marked as told by them; of their own Patient they change how they are reached.
DROP POLICY theirs_to_write ON resource;
DROP POLICY theirs_to_change ON resource;
DROP POLICY theirs_to_write ON resource_version;
CREATE POLICY theirs_to_write ON resource AS RESTRICTIVE FOR INSERT TO records_limited
    WITH CHECK (type IN ('Consent', 'Task') OR type = 'Observation' AND category @> '{patient-reported}');
CREATE POLICY theirs_to_change ON resource AS RESTRICTIVE FOR UPDATE TO records_limited
    USING (type IN ('Consent', 'Patient')) WITH CHECK (type IN ('Consent', 'Patient'));
CREATE POLICY theirs_to_write ON resource_version AS RESTRICTIVE FOR INSERT TO records_limited
    WITH CHECK (type IN ('Consent', 'Task', 'Observation', 'Patient'));
GRANT UPDATE (version, phone, language) ON patient TO records_limited;

-- The newest of each code is looked for among the clinic's values and among the patient's apart: one must not hide the other.
CREATE INDEX resource_observation_home ON resource_observation (patient, code, d_lo DESC) WHERE category @> '{patient-reported}';
