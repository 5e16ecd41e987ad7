-- What administrators say of somebody who works here has versions, and says who said it.
ALTER TABLE account ADD COLUMN version int NOT NULL DEFAULT 1;

-- Every version there was; the one before says what it said before. Nobody may change or remove one.
CREATE TABLE account_version (
    account      uuid NOT NULL CONSTRAINT account_version_of REFERENCES account,
    version      int NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    -- The first is its owner's, who opened it with a code.
    made_by      uuid NOT NULL,
    display_name text,
    role         text COLLATE "C" NOT NULL,
    practitioner uuid,
    state        text COLLATE "C" NOT NULL,
    CONSTRAINT account_version_once PRIMARY KEY (account, version)
);
INSERT INTO account_version (account, version, at, made_by, display_name, role, practitioner, state)
SELECT id, 1, created_at, id, display_name, role, practitioner, state FROM account WHERE role <> 'patient';

-- Begun here, so that an older instance of the service begins one too.
CREATE FUNCTION begin_account_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO account_version (account, version, made_by, display_name, role, practitioner, state)
    VALUES (NEW.id, NEW.version, NEW.id, NEW.display_name, NEW.role, NEW.practitioner, NEW.state);
    RETURN NULL;
END $$;
CREATE TRIGGER begin_account_version AFTER INSERT ON account FOR EACH ROW WHEN (NEW.role <> 'patient') EXECUTE FUNCTION begin_account_version();

GRANT SELECT, INSERT ON account_version TO identity_staff, identity_worker;
GRANT SELECT (version), UPDATE (display_name, role, practitioner, version) ON account TO identity_staff;
DROP POLICY staff_closes ON account;
CREATE POLICY staff_keeps ON account FOR UPDATE TO identity_staff USING (role <> 'patient')
    WITH CHECK (role <> 'patient' AND state IN ('active', 'suspended', 'closed'));

ALTER TABLE session
    DROP CONSTRAINT session_ended,
    ADD CONSTRAINT session_ended
        CHECK (ended IN ('signed-out', 'expired', 'disabled', 'ended-by-owner', 'credentials-changed', 'role-changed'));
DROP POLICY staff_ends ON session;
CREATE POLICY staff_ends ON session FOR UPDATE TO identity_staff USING (true) WITH CHECK (ended IN ('disabled', 'role-changed'));

-- What pages and messages say of the clinic, the same way. Null: its name alone.
ALTER TABLE clinic
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN texts   bytea;

CREATE TABLE clinic_version (
    version int CONSTRAINT clinic_version_once PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    -- NULL: the operator.
    account uuid,
    body    bytea NOT NULL
);
INSERT INTO clinic_version (version, at, body)
SELECT 1, created_at, convert_to(json_build_object('name', name, 'phone', '', 'emergency', '{}'::json, 'welcome', '{}'::json, 'closing', '{}'::json,
    'logoAlt', '')::text, 'UTF8')
FROM clinic;

-- Pictures by their content; one that is shown no longer stays, for the versions that had it.
CREATE TABLE clinic_logo (
    digest   text COLLATE "C" CONSTRAINT clinic_logo_once PRIMARY KEY,
    body     bytea NOT NULL CONSTRAINT clinic_logo_small CHECK (length(body) <= 100000),
    added_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT ON clinic_version, clinic_logo TO identity_staff;
GRANT SELECT, INSERT, UPDATE (at, body) ON clinic_version TO identity_worker;
GRANT SELECT ON clinic_logo TO identity_limited, identity_worker;
GRANT UPDATE (version, name, texts) ON clinic TO identity_staff;
