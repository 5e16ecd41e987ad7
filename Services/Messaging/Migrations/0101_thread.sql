-- Threads between a patient and the clinic. A thread is its own task: it cannot be without a pool, nor open without a promise and a next look at it.

CREATE TABLE thread (
    id            uuid CONSTRAINT thread_once PRIMARY KEY,
    version       int NOT NULL DEFAULT 1,
    patient       uuid NOT NULL,
    purpose       text COLLATE "C" NOT NULL CONSTRAINT thread_purpose REFERENCES purpose,
    -- Sealed.
    subject       bytea NOT NULL,
    -- waiting: for the clinic; answered: for the patient.
    state         text COLLATE "C" NOT NULL CONSTRAINT thread_state CHECK (state IN ('waiting', 'answered', 'closed')),
    pool          text COLLATE "C" NOT NULL CONSTRAINT thread_pool REFERENCES pool,
    -- Somebody in particular who was asked for.
    wanted        uuid,
    -- Who has it: a practitioner, or an account that is none. Neither: the pool.
    owner         uuid,
    owner_account uuid,
    waiting_since timestamptz NOT NULL,
    promised_at   timestamptz NOT NULL,
    -- The clocks it was promised by.
    zone          text COLLATE "C" NOT NULL,
    -- How late it is: 0, 1 from three quarters of the time on, 2 when it is over.
    level         int NOT NULL DEFAULT 0 CONSTRAINT thread_level CHECK (level BETWEEN 0 AND 2),
    -- When it is looked at next; kept here, so that no restart forgets it.
    next_at       timestamptz,
    is_urgent     boolean NOT NULL DEFAULT false,
    opened_at     timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    CONSTRAINT thread_one_owner CHECK (num_nonnulls(owner, owner_account) < 2),
    CONSTRAINT thread_is_watched CHECK ((state = 'waiting') = (next_at IS NOT NULL))
);
CREATE INDEX thread_of_patient ON thread (patient, changed_at DESC);
CREATE INDEX thread_in_pool ON thread (pool, promised_at) WHERE state = 'waiting';
CREATE INDEX thread_changed ON thread (changed_at);
CREATE INDEX thread_next ON thread (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX thread_owned ON thread (owner) WHERE state <> 'closed' AND owner IS NOT NULL;

CREATE TABLE message (
    -- Made by whoever sends it: sent again it is the same one.
    id           uuid CONSTRAINT message_once PRIMARY KEY,
    thread       uuid NOT NULL CONSTRAINT message_thread REFERENCES thread,
    patient      uuid NOT NULL,
    at           timestamptz NOT NULL,
    from_patient boolean NOT NULL,
    account      uuid,
    practitioner uuid,
    -- Sealed.
    body         bytea NOT NULL,
    -- A keyed hash of the words: what is sent from two devices at once is one message.
    digest       bytea NOT NULL,
    -- When the other side first saw it, and who of it.
    read_at      timestamptz,
    read_by      uuid,
    retracted_at timestamptz,
    CONSTRAINT message_retracted_unread CHECK (retracted_at IS NULL OR read_at IS NULL)
);
CREATE INDEX message_of ON message (thread, at);
CREATE INDEX message_of_patient ON message (patient);

GRANT SELECT, INSERT, UPDATE ON thread, message TO messaging_limited, messaging_staff, messaging_worker;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['thread', 'message'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I TO messaging_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO messaging_worker USING (true)', name);
        EXECUTE format(
            'CREATE POLICY limited ON %I TO messaging_limited '
            'USING (patient = ANY ((SELECT string_to_array(nullif(current_setting(%L, true), %L), %L)::uuid[])::uuid[]))',
            name, 'chartline.patients', '', ',');
    END LOOP;
END $$;
