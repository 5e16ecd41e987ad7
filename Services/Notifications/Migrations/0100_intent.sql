-- What is to be sent, to whom it was sent, and why something was not. No contact data and no words: those are asked for at the moment of sending.

-- How far each appointment is known. Events may come in any order: one of a lower version than this changes nothing.
CREATE TABLE appointment_seen (
    appointment uuid NOT NULL CONSTRAINT appointment_seen_pkey PRIMARY KEY,
    version     int NOT NULL,
    patient     uuid NOT NULL,
    state       text COLLATE "C" NOT NULL CONSTRAINT appointment_seen_state CHECK (state IN ('booked', 'cancelled'))
);

-- One message to one person by one channel.
CREATE TABLE intent (
    id          uuid NOT NULL CONSTRAINT intent_pkey PRIMARY KEY,
    appointment uuid NOT NULL,
    version     int NOT NULL,
    patient     uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL CONSTRAINT intent_kind CHECK (kind IN ('confirmation', 'reminder', 'cancellation')),
    channel     text COLLATE "C" NOT NULL CONSTRAINT intent_channel CHECK (channel IN ('email', 'sms')),
    -- Why this time: the rule, the instant it gave, and the wall time and zone it was reckoned in.
    rule        text COLLATE "C" NOT NULL CONSTRAINT intent_rule CHECK (rule IN ('at-once', 'day-before', 'two-hours-before')),
    due_at      timestamptz NOT NULL,
    due_local   text COLLATE "C" NOT NULL,
    due_zone    text COLLATE "C" NOT NULL,
    -- The appointment's start as this version has it; null when the event did not say.
    starts_at   timestamptz,
    starts_zone text COLLATE "C",
    -- The patient has just done it and waits for the answer: quiet hours do not hold it up for the first half hour.
    answers     boolean NOT NULL DEFAULT false,
    planned_at  timestamptz NOT NULL DEFAULT now(),
    state       text COLLATE "C" NOT NULL DEFAULT 'scheduled' CONSTRAINT intent_state
        CHECK (state IN ('scheduled', 'claimed', 'sent', 'delivered', 'bounced', 'failed', 'superseded', 'suppressed', 'unknown')),
    reason      text COLLATE "C",
    -- When a sender looks at it next; null when nothing is left to do.
    next_at     timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    attempt     uuid,
    lease_until timestamptz,
    -- Set, and committed, before the provider sees anything: an expired lease without it means that nothing has left the house.
    handed_at   timestamptz,
    -- Sent again although the first try may have been accepted. Never more than once.
    resends     int NOT NULL DEFAULT 0,
    message_id  text COLLATE "C",
    provider_id text COLLATE "C",
    sent_at     timestamptz,
    CONSTRAINT intent_once UNIQUE (appointment, version, kind, channel)
);
CREATE INDEX intent_next ON intent (next_at) WHERE next_at IS NOT NULL AND state IN ('scheduled', 'unknown');
CREATE INDEX intent_lease ON intent (lease_until) WHERE state = 'claimed';
CREATE INDEX intent_patient ON intent (patient) WHERE state IN ('scheduled', 'suppressed');

-- What planning needs to know of a patient (the zone of the home), sealed. Addresses and numbers are not kept.
CREATE TABLE contact (
    patient   uuid NOT NULL CONSTRAINT contact_pkey PRIMARY KEY,
    -- The version records has told of, and the one `body` is of. Null: not known.
    announced int,
    version   int,
    body      bytea,
    -- When to ask records; null when there is nothing to ask.
    ask_at    timestamptz
);
CREATE INDEX contact_ask ON contact (ask_at) WHERE ask_at IS NOT NULL;

-- Patients see none of this: their page of visits comes from scheduling.
GRANT SELECT ON intent TO notifications_staff;
GRANT SELECT, INSERT, UPDATE ON appointment_seen, intent, contact TO notifications_worker;

ALTER TABLE appointment_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE appointment_seen FORCE ROW LEVEL SECURITY;
ALTER TABLE intent ENABLE ROW LEVEL SECURITY;
ALTER TABLE intent FORCE ROW LEVEL SECURITY;
ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON appointment_seen TO notifications_worker USING (true);
CREATE POLICY staff ON intent FOR SELECT TO notifications_staff USING (true);
CREATE POLICY worker ON intent TO notifications_worker USING (true);
CREATE POLICY worker ON contact TO notifications_worker USING (true);
