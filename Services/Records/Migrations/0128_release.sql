-- Patients who want to see a result with a comment first, and how many days at the longest they wait for one. Without a row: at once.
CREATE TABLE result_release (
    patient uuid PRIMARY KEY,
    days    int NOT NULL CONSTRAINT result_release_days CHECK (days BETWEEN 1 AND 7)
);
-- What waits for a comment, or did: an Observation, or the report that holds it.
CREATE TABLE held_result (
    resource    uuid PRIMARY KEY,
    type        text COLLATE "C" NOT NULL,
    patient     uuid NOT NULL,
    held_at     timestamptz NOT NULL,
    released_at timestamptz
);
CREATE INDEX ON held_result (patient);
CREATE INDEX ON held_result (held_at) WHERE released_at IS NULL;

-- 64 of `sensitivity` is no label: it says that the row waits in held_result. To its patient, and whoever acts for them, it is not there.
CREATE POLICY not_held ON resource AS RESTRICTIVE FOR SELECT TO records_limited USING (sensitivity & 64 = 0);

-- When an account last looked through what is new in a record.
CREATE TABLE last_look (
    account uuid NOT NULL,
    patient uuid NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT last_look_once PRIMARY KEY (account, patient)
);
CREATE INDEX ON last_look (patient);

GRANT SELECT, INSERT, UPDATE, DELETE ON result_release TO records_limited;
GRANT SELECT, INSERT, UPDATE ON last_look TO records_limited;
GRANT SELECT ON held_result TO records_limited;
GRANT SELECT ON result_release TO records_staff;
GRANT SELECT, INSERT, UPDATE (released_at) ON held_result TO records_staff, records_worker;
-- A destroyed record leaves nothing.
GRANT SELECT, DELETE ON result_release, held_result, last_look TO records_worker;

DO $$
DECLARE
    mine text := $p$(SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]$p$;
    t text;
BEGIN
    FOREACH t IN ARRAY '{result_release,held_result,last_look}'::text[] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY limited ON %I TO records_limited USING (patient = ANY (%s))', t, mine);
        EXECUTE format('CREATE POLICY worker ON %I TO records_worker USING (true)', t);
    END LOOP;
END $$;
CREATE POLICY staff ON result_release TO records_staff USING (true);
CREATE POLICY staff ON held_result TO records_staff USING (true);
