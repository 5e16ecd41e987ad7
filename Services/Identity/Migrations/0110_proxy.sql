-- Who may act for whom in the portal. Nothing here is deleted: how it ended is a state.
CREATE TABLE proxy (
    id           uuid CONSTRAINT proxy_id PRIMARY KEY,
    -- Whose record it is.
    patient      uuid NOT NULL,
    -- Who acts; null until the code has been used, for good where it never was.
    account      uuid CONSTRAINT proxy_account REFERENCES account,
    -- Name, e-mail and language, as whoever granted it typed them. Sealed with the patient's key.
    body         bytea NOT NULL,
    relationship text COLLATE "C" NOT NULL
                 CONSTRAINT proxy_relationship
                 CHECK (relationship IN ('parent', 'guardian', 'partner', 'child', 'sibling', 'friend', 'caregiver', 'other')),
    level        text COLLATE "C" NOT NULL CONSTRAINT proxy_level CHECK (level IN ('full', 'limited')),
    -- Granted by staff for a minor; otherwise by the patient.
    of_child     boolean NOT NULL,
    -- The child's twelfth birthday: limited at most from then on.
    narrows_at   timestamptz,
    -- The last day's end, or the eighteenth birthday if that comes first.
    ends_at      timestamptz,
    state        text COLLATE "C" NOT NULL CONSTRAINT proxy_state CHECK (state IN ('invited', 'granted', 'expired', 'withdrawn')),
    granted_at   timestamptz NOT NULL,
    granted_by   uuid,
    ended_at     timestamptz,
    ended_by     uuid,
    -- Code of why it was withdrawn.
    reason       text COLLATE "C",
    CONSTRAINT proxy_taken CHECK (state <> 'granted' OR account IS NOT NULL),
    CONSTRAINT proxy_ended CHECK ((state IN ('expired', 'withdrawn')) = (ended_at IS NOT NULL)),
    CONSTRAINT proxy_reason CHECK ((state = 'withdrawn') = (reason IS NOT NULL)),
    CONSTRAINT proxy_child CHECK (of_child = (narrows_at IS NOT NULL) AND (NOT of_child OR ends_at IS NOT NULL))
);
-- One at a time: whoever grants it twice is told.
CREATE UNIQUE INDEX proxy_once ON proxy (patient, account) WHERE state = 'granted';
CREATE INDEX proxy_of_patient ON proxy (patient);
CREATE INDEX proxy_of_account ON proxy (account) WHERE state = 'granted';
CREATE INDEX proxy_ends ON proxy (ends_at) WHERE state IN ('invited', 'granted');

ALTER TABLE account
    -- Who acts for a patient need not be one.
    DROP CONSTRAINT account_whose,
    ADD CONSTRAINT account_whose CHECK (role = 'patient' OR patient IS NULL);

ALTER TABLE invitation
    ADD COLUMN proxy uuid CONSTRAINT invitation_proxy REFERENCES proxy,
    DROP CONSTRAINT invitation_whose,
    ADD CONSTRAINT invitation_whose CHECK ((role = 'patient') = (num_nonnulls(patient, proxy) = 1 AND birth_date_hash IS NOT NULL));
CREATE UNIQUE INDEX invitation_of_proxy ON invitation (proxy) WHERE closed_at IS NULL AND proxy IS NOT NULL;

ALTER TABLE letter
    -- It is about this one: to the patient, or with the code to whoever is to act.
    ADD COLUMN proxy uuid CONSTRAINT letter_of_proxy REFERENCES proxy,
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind
        CHECK (kind IN ('reset', 'reset-started', 'password-changed', 'second-factor-on', 'second-factor-off', 'recovery-code-used', 'invitation',
            'account-requested', 'account-exists', 'proxy-invitation', 'proxy-granted', 'proxy-withdrawn'));

-- Patients reach the proxies of the records they may act for; of codes and letters they make those about proxies, and read none.
GRANT SELECT, INSERT, UPDATE ON proxy TO identity_worker;
GRANT SELECT, INSERT, UPDATE (state, ended_at, ended_by, reason) ON proxy TO identity_staff, identity_limited;
GRANT SELECT (proxy) ON invitation TO identity_staff;
GRANT SELECT (proxy, closed_at), INSERT, UPDATE (closed_at, closed) ON invitation TO identity_limited;
GRANT INSERT ON letter TO identity_limited;

ALTER TABLE proxy ENABLE ROW LEVEL SECURITY;
ALTER TABLE proxy FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON proxy TO identity_worker USING (true);
CREATE POLICY staff ON proxy TO identity_staff USING (true);
CREATE POLICY limited ON proxy TO identity_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));

CREATE POLICY limited_sees ON invitation FOR SELECT TO identity_limited USING (proxy IN (SELECT id FROM proxy));
CREATE POLICY limited_invites ON invitation FOR INSERT TO identity_limited
    WITH CHECK (role = 'patient' AND patient IS NULL AND proxy IN (SELECT id FROM proxy));
CREATE POLICY limited_ends ON invitation FOR UPDATE TO identity_limited
    USING (proxy IN (SELECT id FROM proxy)) WITH CHECK (closed_at IS NOT NULL);
CREATE POLICY limited_writes ON letter FOR INSERT TO identity_limited
    WITH CHECK (kind IN ('proxy-invitation', 'proxy-granted', 'proxy-withdrawn') AND proxy IN (SELECT id FROM proxy));
CREATE POLICY staff_writes ON letter FOR INSERT TO identity_staff
    WITH CHECK (kind IN ('proxy-invitation', 'proxy-granted', 'proxy-withdrawn') AND proxy IS NOT NULL);
