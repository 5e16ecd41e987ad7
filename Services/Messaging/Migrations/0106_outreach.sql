-- One message to many: what it says, who it is for, and who of them gets it. No patient reads these tables; each has a thread of their own.

CREATE TABLE outreach (
    id                uuid CONSTRAINT outreach_once PRIMARY KEY,
    state             text COLLATE "C" NOT NULL DEFAULT 'gathering'
        CONSTRAINT outreach_state CHECK (state IN ('gathering', 'ready', 'sending', 'sent', 'tooLarge')),
    account           uuid NOT NULL,
    role              text COLLATE "C" NOT NULL,
    practitioner      uuid,
    purpose           text COLLATE "C" NOT NULL CONSTRAINT outreach_purpose REFERENCES purpose,
    -- Sealed with nobody's key: it is about nobody in particular.
    subject           bytea NOT NULL,
    body              bytea NOT NULL,
    -- Whose patients, and the days and kind of their visits.
    treated_by        uuid,
    from_day          date,
    until_day         date,
    service           text COLLATE "C",
    one_per_household boolean NOT NULL,
    -- The last patient scheduling named; everybody was named.
    reached           uuid,
    is_found          boolean NOT NULL DEFAULT false,
    made_at           timestamptz NOT NULL DEFAULT now(),
    ready_at          timestamptz,
    ended_at          timestamptz,
    CONSTRAINT outreach_cohort CHECK (treated_by IS NOT NULL OR from_day IS NOT NULL),
    CONSTRAINT outreach_days CHECK ((from_day IS NULL) = (until_day IS NULL))
);
CREATE INDEX outreach_open ON outreach (made_at) WHERE state IN ('gathering', 'sending');
CREATE INDEX outreach_of ON outreach (account, made_at);

CREATE TABLE outreach_reader (
    outreach  uuid NOT NULL CONSTRAINT outreach_reader_of REFERENCES outreach,
    patient   uuid NOT NULL,
    -- found: nothing is known yet; chosen: to be written to.
    state     text COLLATE "C" NOT NULL DEFAULT 'found' CONSTRAINT outreach_reader_state CHECK (state IN ('found', 'chosen', 'leftOut', 'sent')),
    reason    text COLLATE "C" CONSTRAINT outreach_reader_reason
        CHECK (reason IN ('noPortal', 'notAllowed', 'household', 'lately', 'deceased', 'practice')),
    -- A keyed hash of the e-mail address, so that one household is known without it.
    household bytea,
    sent_at   timestamptz,
    CONSTRAINT outreach_reader_once PRIMARY KEY (outreach, patient),
    CONSTRAINT outreach_reader_why CHECK ((state = 'leftOut') = (reason IS NOT NULL)),
    CONSTRAINT outreach_reader_when CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX outreach_reader_next ON outreach_reader (outreach, patient) WHERE state IN ('found', 'chosen');
CREATE INDEX outreach_reader_lately ON outreach_reader (patient, sent_at) WHERE state = 'sent';

GRANT SELECT, INSERT, UPDATE ON outreach TO messaging_staff, messaging_worker;
GRANT SELECT ON outreach_reader TO messaging_staff;
GRANT SELECT, INSERT, UPDATE ON outreach_reader TO messaging_worker;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['outreach', 'outreach_reader'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I TO messaging_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO messaging_worker USING (true)', name);
    END LOOP;
END $$;

-- What somebody was written with many others. It makes nobody treat them until they write themselves.
ALTER TABLE thread ADD COLUMN outreach uuid CONSTRAINT thread_outreach REFERENCES outreach;
CREATE UNIQUE INDEX thread_outreach_once ON thread (outreach, patient) WHERE outreach IS NOT NULL;
