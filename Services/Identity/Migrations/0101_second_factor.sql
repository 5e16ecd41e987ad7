-- Second factors: codes from an authenticator app, recovery codes in their place, and what a session has proven.

CREATE TABLE totp (
    account     uuid CONSTRAINT totp_account PRIMARY KEY REFERENCES account,
    -- Sealed: with the patient's key, or for staff with the one that is nobody's.
    secret      bytea NOT NULL,
    -- The period of the last code that was good: it and all before it are used up.
    last_step   bigint NOT NULL,
    enrolled_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE recovery_code (
    account   uuid NOT NULL CONSTRAINT recovery_code_account REFERENCES account,
    -- Keyed: without the key a code cannot be found by trying.
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    CONSTRAINT recovery_code_once PRIMARY KEY (account, code_hash)
);

ALTER TABLE session
    -- When a code of the second factor was given; null: the password alone.
    ADD COLUMN second_factor_at timestamptz,
    -- When the person last proved who they are, with everything the account asks for.
    ADD COLUMN proven_at timestamptz NOT NULL DEFAULT now(),
    DROP CONSTRAINT session_ended,
    ADD CONSTRAINT session_ended CHECK (ended IN ('signed-out', 'expired', 'disabled', 'ended-by-owner', 'credentials-changed'));

-- Every session that goes on, and what it needs before it is good for anything. Nothing has to be kept in step: staff without a second factor, and
-- anybody with one who has not used it, are held back here.
CREATE VIEW open_session WITH (security_invoker = true) AS
SELECT s.id, s.handle_hash, s.audience, s.expires_idle, s.proven_at, s.proven_at > now() - interval '5 minutes' AS is_fresh,
    a.id AS account, a.username, a.display_name, a.role, a.patient, a.practitioner, a.language, f.account IS NOT NULL AS has_factor,
    CASE WHEN s.second_factor_at IS NOT NULL THEN NULL WHEN f.account IS NOT NULL THEN 'code' WHEN a.role <> 'patient' THEN 'enrolment' END AS needs
FROM session s JOIN account a ON a.id = s.account LEFT JOIN totp f ON f.account = a.id
WHERE s.ended_at IS NULL AND s.expires_idle > now() AND a.state = 'active';

GRANT SELECT, INSERT, UPDATE, DELETE ON totp, recovery_code TO identity_worker;
GRANT SELECT ON open_session TO identity_worker;

ALTER TABLE totp ENABLE ROW LEVEL SECURITY;
ALTER TABLE totp FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON totp TO identity_worker USING (true);

ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY;
ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON recovery_code TO identity_worker USING (true);
