-- In what role a version was written, and by which clinician: what an entry's history shows.
ALTER TABLE resource_version
    ADD COLUMN role         text COLLATE "C",
    ADD COLUMN practitioner uuid;

-- A note that is being written: one an encounter, sealed, gone once it is signed. Whoever saved it last holds it for a while.
CREATE TABLE note_draft (
    encounter    uuid PRIMARY KEY,
    patient      uuid NOT NULL,
    practitioner uuid,
    account      uuid NOT NULL,
    started_at   timestamptz NOT NULL,
    revision     int NOT NULL,
    saved_at     timestamptz,
    held_until   timestamptz,
    body         bytea NOT NULL
);
CREATE INDEX ON note_draft (account, started_at);
CREATE INDEX ON note_draft (patient);
GRANT SELECT, INSERT, UPDATE, DELETE ON note_draft TO records_staff;
-- What is sealed is sealed anew when a key is replaced.
GRANT SELECT, DELETE, UPDATE (body) ON note_draft TO records_worker;
ALTER TABLE note_draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE note_draft FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON note_draft TO records_staff USING (true);
CREATE POLICY worker ON note_draft TO records_worker USING (true);
