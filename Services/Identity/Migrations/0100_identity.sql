-- Accounts, sessions, invitations, what slows guessing down, and the clinic's own name. Secrets are kept as hashes only.

-- The clinic of this installation; there is one.
CREATE TABLE clinic (
    single     boolean NOT NULL DEFAULT true CONSTRAINT clinic_one CHECK (single),
    name       text NOT NULL CONSTRAINT clinic_name CHECK (btrim(name) <> '' AND length(name) <= 200),
    zone       text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT clinic_once PRIMARY KEY (single)
);

CREATE TABLE account (
    id           uuid CONSTRAINT account_id PRIMARY KEY,
    -- Lower case: people do not remember how they typed it.
    username     text COLLATE "C" NOT NULL CONSTRAINT account_username_lower CHECK (username = lower(username) AND length(username) <= 254),
    role         text COLLATE "C" NOT NULL
                 CONSTRAINT account_role CHECK (role IN ('patient', 'clinician', 'nurse', 'front-desk', 'billing-office', 'administrator')),
    display_name text,
    practitioner uuid,
    patient      uuid,
    language     text COLLATE "C",
    state        text COLLATE "C" NOT NULL DEFAULT 'active'
                 CONSTRAINT account_state CHECK (state IN ('invited', 'active', 'locked', 'suspended', 'closed')),
    -- Scheme with its parameters, salt, hash: `scrypt$ln=17,r=8,p=1$<salt>$<hash>`. Null: no password yet.
    credential   text COLLATE "C",
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_username UNIQUE (username),
    CONSTRAINT account_whose CHECK ((role = 'patient') = (patient IS NOT NULL))
);
CREATE UNIQUE INDEX account_patient ON account (patient) WHERE state <> 'closed';

CREATE TABLE session (
    id               uuid CONSTRAINT session_id PRIMARY KEY,
    -- SHA-256 of 32 random bytes: this table is of no use as a cookie.
    handle_hash      bytea NOT NULL,
    account          uuid NOT NULL CONSTRAINT session_account REFERENCES account,
    audience         text COLLATE "C" NOT NULL CONSTRAINT session_audience CHECK (audience IN ('portal', 'clinic')),
    created_at       timestamptz NOT NULL DEFAULT now(),
    last_used_at     timestamptz NOT NULL DEFAULT now(),
    -- Moved on by use, never past expires_absolute.
    expires_idle     timestamptz NOT NULL,
    expires_absolute timestamptz NOT NULL,
    ended_at         timestamptz,
    ended            text COLLATE "C" CONSTRAINT session_ended CHECK (ended IN ('signed-out', 'expired', 'disabled')),
    CONSTRAINT session_handle UNIQUE (handle_hash),
    CONSTRAINT session_ended_both CHECK ((ended_at IS NULL) = (ended IS NULL)),
    CONSTRAINT session_expiry CHECK (expires_idle <= expires_absolute)
);
CREATE INDEX session_open ON session (expires_idle) WHERE ended_at IS NULL;
CREATE INDEX session_of_account ON session (account) WHERE ended_at IS NULL;

CREATE TABLE invitation (
    id              uuid CONSTRAINT invitation_id PRIMARY KEY,
    -- Keyed hashes: without the key neither can be found by trying all values.
    code_hash       bytea NOT NULL,
    birth_date_hash bytea,
    role            text COLLATE "C" NOT NULL,
    patient         uuid,
    issued_at       timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    tries           int NOT NULL DEFAULT 0,
    closed_at       timestamptz,
    closed          text COLLATE "C" CONSTRAINT invitation_closed CHECK (closed IN ('used', 'replaced', 'guessed')),
    CONSTRAINT invitation_code UNIQUE (code_hash),
    CONSTRAINT invitation_whose CHECK ((role = 'patient') = (patient IS NOT NULL AND birth_date_hash IS NOT NULL)),
    CONSTRAINT invitation_closed_both CHECK ((closed_at IS NULL) = (closed IS NULL))
);
-- One code a patient is good at a time.
CREATE UNIQUE INDEX invitation_open ON invitation (patient) WHERE closed_at IS NULL AND patient IS NOT NULL;

-- Tries that failed, by keyed hash of what they are counted for: an account's name at a source, the name alone, the source alone.
CREATE TABLE throttle (
    key           uuid CONSTRAINT throttle_key PRIMARY KEY,
    failures      int NOT NULL DEFAULT 0,
    last_at       timestamptz NOT NULL DEFAULT now(),
    blocked_until timestamptz,
    -- The last success: a source an account has come from before is not held up by what others try.
    succeeded_at  timestamptz
);
CREATE INDEX throttle_last ON throttle (last_at);

GRANT SELECT ON clinic TO identity_limited, identity_staff, identity_worker;
GRANT INSERT, UPDATE ON clinic TO identity_worker;

-- Patients have no business in these tables. Staff reach exactly what inviting somebody takes; everything else is the service's own.
GRANT SELECT (patient, state) ON account TO identity_staff;
GRANT SELECT (id, patient, expires_at, closed_at), INSERT, UPDATE (closed_at, closed) ON invitation TO identity_staff;
GRANT SELECT, INSERT, UPDATE ON account, invitation, session TO identity_worker;
GRANT DELETE ON session, invitation TO identity_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON throttle TO identity_worker;

ALTER TABLE account ENABLE ROW LEVEL SECURITY;
ALTER TABLE account FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON account FOR SELECT TO identity_staff USING (true);
CREATE POLICY worker ON account TO identity_worker USING (true);

ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON session TO identity_worker USING (true);

ALTER TABLE invitation ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON invitation TO identity_staff USING (true);
CREATE POLICY worker ON invitation TO identity_worker USING (true);
