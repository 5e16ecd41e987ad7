-- What people want to be written about, what they said of it, and which numbers take no texts. Numbers stand here only as keyed hashes.

-- Nobody without a row has said no to anything.
CREATE TABLE preference (
    patient  uuid NOT NULL CONSTRAINT preference_pkey PRIMARY KEY,
    version  int NOT NULL,
    -- `visitReminders/sms`: what is not to be sent.
    unwanted text[] NOT NULL
);

-- Everything that was said, for good: when, by what, and in which words.
CREATE TABLE consent (
    id       uuid NOT NULL CONSTRAINT consent_pkey PRIMARY KEY,
    patient  uuid NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    means    text COLLATE "C" NOT NULL CONSTRAINT consent_means CHECK (means IN ('portal', 'clinic', 'text')),
    account  uuid,
    -- Of the preference it made, and what is unwanted since.
    version  int,
    unwanted text[],
    -- Or what a text said of all texts to one number.
    texts    text COLLATE "C" CONSTRAINT consent_texts CHECK (texts IN ('stopped', 'started')),
    words    bytea,
    CONSTRAINT consent_whole CHECK (num_nonnulls(version, unwanted) IN (0, 2) AND num_nonnulls(version, texts) = 1),
    CONSTRAINT consent_version_once UNIQUE (patient, version)
);
CREATE INDEX consent_patient ON consent (patient, at DESC);

-- Whose texts went to which number, and in which language last.
CREATE TABLE texted (
    number   bytea NOT NULL,
    patient  uuid NOT NULL,
    language text COLLATE "C" NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT texted_once PRIMARY KEY (number, patient)
);
CREATE INDEX texted_patient ON texted (patient, at DESC);

-- STOP is a number's word: it holds for everybody who is reached there, and for who will be.
CREATE TABLE number_wish (
    number  bytea NOT NULL CONSTRAINT number_wish_pkey PRIMARY KEY,
    stopped boolean NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);

-- Texts that were heard, by the provider's id: the same one told again changes nothing.
CREATE TABLE heard_text (
    sid text COLLATE "C" NOT NULL CONSTRAINT heard_text_pkey PRIMARY KEY,
    at  timestamptz NOT NULL DEFAULT now()
);

-- What the provider said became of a message, which may come before we have written down that it was sent.
ALTER TABLE intent
    ADD COLUMN receipt    text COLLATE "C" CONSTRAINT intent_receipt CHECK (receipt IN ('sent', 'delivered', 'failed')),
    ADD COLUMN receipt_at timestamptz,
    -- The provider's code for why it failed.
    ADD COLUMN receipt_code text COLLATE "C";

GRANT SELECT, INSERT, UPDATE ON preference TO notifications_limited, notifications_staff, notifications_worker;
GRANT SELECT, INSERT ON consent TO notifications_limited, notifications_staff, notifications_worker;
-- When a key is replaced.
GRANT UPDATE (words) ON consent TO notifications_worker;
GRANT SELECT ON texted, number_wish TO notifications_limited, notifications_staff;
GRANT SELECT, INSERT, UPDATE ON texted, number_wish TO notifications_worker;
GRANT SELECT, INSERT ON heard_text TO notifications_worker;

ALTER TABLE preference ENABLE ROW LEVEL SECURITY;
ALTER TABLE preference FORCE ROW LEVEL SECURITY;
ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
ALTER TABLE texted ENABLE ROW LEVEL SECURITY;
ALTER TABLE texted FORCE ROW LEVEL SECURITY;
ALTER TABLE number_wish ENABLE ROW LEVEL SECURITY;
ALTER TABLE number_wish FORCE ROW LEVEL SECURITY;
ALTER TABLE heard_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE heard_text FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON preference TO notifications_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON preference TO notifications_staff USING (true);
CREATE POLICY worker ON preference TO notifications_worker USING (true);
CREATE POLICY limited ON consent TO notifications_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON consent TO notifications_staff USING (true);
CREATE POLICY worker ON consent TO notifications_worker USING (true);
CREATE POLICY limited ON texted TO notifications_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON texted TO notifications_staff USING (true);
CREATE POLICY worker ON texted TO notifications_worker USING (true);
-- The numbers that texts to these patients went to.
CREATE POLICY limited ON number_wish FOR SELECT TO notifications_limited USING (number IN (SELECT t.number FROM texted t));
CREATE POLICY staff ON number_wish FOR SELECT TO notifications_staff USING (true);
CREATE POLICY worker ON number_wish TO notifications_worker USING (true);
CREATE POLICY worker ON heard_text TO notifications_worker USING (true);
