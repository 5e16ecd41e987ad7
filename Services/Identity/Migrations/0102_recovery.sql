-- Getting back in: one-time codes for a new password, and the e-mails identity has sent. No address and no code is in them.

CREATE TABLE letter (
    id         uuid CONSTRAINT letter_id PRIMARY KEY,
    -- Null: what was asked for was for nobody. The row is there all the same, so that asking is the same work whoever is named.
    account    uuid CONSTRAINT letter_account REFERENCES account,
    kind       text COLLATE "C" NOT NULL CONSTRAINT letter_kind
               CHECK (kind IN ('reset', 'password-changed', 'second-factor-on', 'second-factor-off', 'recovery-code-used')),
    written_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX letter_written ON letter (written_at);

CREATE TABLE reset (
    -- The letter that carries the code; the code is derived from it, and kept nowhere.
    id         uuid CONSTRAINT reset_id PRIMARY KEY CONSTRAINT reset_letter REFERENCES letter ON DELETE CASCADE,
    account    uuid CONSTRAINT reset_account REFERENCES account,
    -- Keyed: without the key a code cannot be found by trying.
    code_hash  bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    closed_at  timestamptz,
    CONSTRAINT reset_code UNIQUE (code_hash)
);
CREATE INDEX reset_open ON reset (account) WHERE closed_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON letter, reset TO identity_worker;

ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON letter TO identity_worker USING (true);

ALTER TABLE reset ENABLE ROW LEVEL SECURITY;
ALTER TABLE reset FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON reset TO identity_worker USING (true);
