-- Copies of every service's audit trail. What was sealed elsewhere is only ever added to here.

CREATE TABLE entry_copy (
    service   text COLLATE "C" NOT NULL,
    position  bigint NOT NULL,
    id        uuid NOT NULL,
    at        timestamptz NOT NULL,
    issuer    text COLLATE "C" NOT NULL,
    role      text COLLATE "C" NOT NULL,
    account   uuid,
    session   uuid,
    purpose   text COLLATE "C" NOT NULL,
    basis     text COLLATE "C",
    action    text COLLATE "C" NOT NULL,
    patients  uuid[] NOT NULL,
    outcome   text COLLATE "C" NOT NULL,
    reason    text COLLATE "C",
    trace     text COLLATE "C",
    -- Of the service that wrote the entry; only it has the key.
    mac       bytea NOT NULL,
    link      bytea NOT NULL,
    signed_at timestamptz,
    signature bytea,
    CONSTRAINT entry_copy_place PRIMARY KEY (service, position)
);
CREATE INDEX entry_copy_at ON entry_copy (at);

-- The same by patient: who looked at whose record.
CREATE TABLE access (
    patient  uuid NOT NULL,
    at       timestamptz NOT NULL,
    service  text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    role     text COLLATE "C" NOT NULL,
    account  uuid,
    purpose  text COLLATE "C" NOT NULL,
    basis    text COLLATE "C",
    action   text COLLATE "C" NOT NULL,
    outcome  text COLLATE "C" NOT NULL,
    CONSTRAINT access_place PRIMARY KEY (patient, at, service, position)
);

-- Accounts whose names are wanted, and when identity was last asked.
CREATE TABLE account_seen (
    account  uuid CONSTRAINT account_seen_once PRIMARY KEY,
    last_at  timestamptz NOT NULL,
    asked_at timestamptz
);
CREATE INDEX account_to_ask ON account_seen (asked_at NULLS FIRST);

-- What people were called, and since when it is known: a report of last year names them as they were then.
CREATE TABLE person (
    account uuid NOT NULL,
    since   timestamptz NOT NULL,
    name    text NOT NULL,
    CONSTRAINT person_since PRIMARY KEY (account, since)
);

-- What patients ask about an access, and the answer; both sealed with the patient's key.
CREATE TABLE question (
    id          uuid CONSTRAINT question_once PRIMARY KEY,
    patient     uuid NOT NULL,
    service     text COLLATE "C" NOT NULL,
    position    bigint NOT NULL,
    asked_by    uuid,
    asked_at    timestamptz NOT NULL,
    body        bytea NOT NULL,
    answered_by uuid,
    answered_at timestamptz,
    answer      bytea,
    CONSTRAINT question_answered CHECK ((answered_at IS NULL) = (answer IS NULL))
);
CREATE INDEX question_of_patient ON question (patient, asked_at);
CREATE INDEX question_open ON question (asked_at) WHERE answered_at IS NULL;

GRANT SELECT ON entry_copy TO audit_staff, audit_worker;
GRANT INSERT ON entry_copy, access TO audit_worker;
GRANT SELECT ON access, person TO audit_limited, audit_staff, audit_worker;
GRANT SELECT, INSERT, UPDATE ON account_seen TO audit_worker;
GRANT INSERT ON person TO audit_worker;
GRANT SELECT, INSERT ON question TO audit_limited;
GRANT SELECT, UPDATE (answered_by, answered_at, answer) ON question TO audit_staff;
GRANT SELECT ON question TO audit_worker;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['entry_copy', 'access', 'account_seen', 'person', 'question'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I TO audit_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO audit_worker USING (true)', name);
    END LOOP;
END $$;
CREATE POLICY limited ON access TO audit_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY limited ON question TO audit_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
-- Of the people only those who had to do with one's record.
CREATE POLICY limited ON person TO audit_limited USING (EXISTS (SELECT FROM access a WHERE a.account = person.account));
