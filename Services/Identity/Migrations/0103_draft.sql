-- What somebody had typed when their session ran out, until they are back. One an account and gateway; the last one counts.
CREATE TABLE draft (
    id       uuid CONSTRAINT draft_id PRIMARY KEY,
    account  uuid NOT NULL CONSTRAINT draft_account REFERENCES account,
    audience text COLLATE "C" NOT NULL CONSTRAINT draft_audience CHECK (audience IN ('portal', 'clinic')),
    -- Where the form goes, and its fields. Sealed: people type about their health, and about others'.
    body     bytea NOT NULL,
    kept_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT draft_one UNIQUE (account, audience)
);
CREATE INDEX draft_kept ON draft (kept_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON draft TO identity_worker;
ALTER TABLE draft ENABLE ROW LEVEL SECURITY;
ALTER TABLE draft FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON draft TO identity_worker USING (true);
