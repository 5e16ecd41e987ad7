CREATE TABLE counted (event uuid NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
GRANT SELECT, INSERT ON counted TO echo_worker, echo_staff;
CREATE TABLE note (id uuid CONSTRAINT note_pkey PRIMARY KEY, patient uuid NOT NULL, word text NOT NULL);
ALTER TABLE note ENABLE ROW LEVEL SECURITY;
ALTER TABLE note FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON note TO echo_limited USING (patient = ANY ((SELECT
    string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON note TO echo_staff USING (true);
CREATE POLICY worker ON note TO echo_worker USING (true);
GRANT SELECT, INSERT ON note TO echo_limited, echo_staff, echo_worker;
