-- What every service's schema has for the bus and the audit trail. Applied before the service's own migrations.

-- Events that are committed and not yet confirmed by the broker. Kept near empty: the relay moves each row to `sent` once it is confirmed.
CREATE TABLE outbox (
    id          uuid PRIMARY KEY,
    seq         bigint GENERATED ALWAYS AS IDENTITY,
    name        text COLLATE "C" NOT NULL,
    body        bytea NOT NULL,
    traceparent text COLLATE "C",
    emitted_at  timestamptz NOT NULL DEFAULT now(),
    -- Set when no queue took it: it waits aside, so that it holds up no other.
    held_until  timestamptz
);
CREATE INDEX ON outbox (seq);

-- Confirmed events, kept 30 days so that they can be published again after a loss.
CREATE TABLE sent (
    id          uuid NOT NULL,
    name        text COLLATE "C" NOT NULL,
    body        bytea NOT NULL,
    traceparent text COLLATE "C",
    emitted_at  timestamptz NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON sent (sent_at);
CREATE INDEX ON sent (id);

-- Messages whose effect is committed. The row and the effect are one transaction; a second delivery meets the key.
CREATE TABLE inbox (
    handler     text COLLATE "C" NOT NULL,
    message     uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (handler, message)
);
CREATE INDEX ON inbox (received_at);

-- Messages whose handler failed for now. The dispatcher runs them again; the broker is done with them.
CREATE TABLE retry (
    handler     text COLLATE "C" NOT NULL,
    message     uuid NOT NULL,
    name        text COLLATE "C" NOT NULL,
    body        bytea NOT NULL,
    traceparent text COLLATE "C",
    attempt     int NOT NULL,
    reason      text COLLATE "C" NOT NULL,
    next_at     timestamptz NOT NULL,
    PRIMARY KEY (handler, message)
);
CREATE INDEX ON retry (next_at);

-- Answers already given to commands, by the sender's key; sealed, because a reply may name a patient.
CREATE TABLE answered (
    key         uuid NOT NULL,
    name        text COLLATE "C" NOT NULL,
    principal   text COLLATE "C" NOT NULL,
    digest      bytea NOT NULL,
    answer      bytea NOT NULL,
    answered_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answered_once PRIMARY KEY (key, name)
);
CREATE INDEX ON answered (answered_at);

-- The audit trail. Insert only, for everyone.
CREATE TABLE audit_entry (
    id       uuid PRIMARY KEY,
    at       timestamptz NOT NULL,
    issuer   text COLLATE "C" NOT NULL,
    role     text COLLATE "C" NOT NULL,
    account  uuid,
    session  uuid,
    purpose  text COLLATE "C" NOT NULL,
    action   text COLLATE "C" NOT NULL,
    patients uuid[] NOT NULL,
    outcome  text COLLATE "C" NOT NULL CHECK (outcome IN ('done', 'refused', 'denied', 'failed')),
    reason   text COLLATE "C",
    trace    text COLLATE "C",
    mac      bytea NOT NULL
);
CREATE INDEX ON audit_entry USING brin (at);

DO $$
DECLARE
    service text := current_schema();
    backbone text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I, %I, %I', service, service, service || '_limited', service || '_staff', service || '_worker');
    FOREACH backbone IN ARRAY ARRAY['outbox', 'answered', 'audit_entry'] LOOP
        EXECUTE format('GRANT INSERT ON %I TO %I, %I, %I', backbone, service || '_limited', service || '_staff', service || '_worker');
    END LOOP;
    EXECUTE format('GRANT SELECT, DELETE ON outbox, inbox, retry, answered TO %I', service || '_worker');
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON sent TO %I', service || '_worker');
    EXECUTE format('GRANT INSERT ON inbox TO %I', service || '_worker');
    EXECUTE format('GRANT UPDATE (held_until) ON outbox TO %I', service || '_worker');
    EXECUTE format('GRANT INSERT, UPDATE ON retry TO %I', service || '_worker');
    EXECUTE format('GRANT SELECT ON audit_entry TO %I', service || '_worker');

    -- Who is named in the trail or in a stored answer is nobody's to read but the service's own workers'.
    FOREACH backbone IN ARRAY ARRAY['answered', 'audit_entry'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', backbone);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', backbone);
        EXECUTE format('CREATE POLICY append ON %I FOR INSERT TO %I, %I, %I WITH CHECK (true)', backbone,
            service || '_limited', service || '_staff', service || '_worker');
        EXECUTE format('CREATE POLICY worker ON %I FOR SELECT TO %I USING (true)', backbone, service || '_worker');
    END LOOP;
    EXECUTE format('CREATE POLICY sweep ON answered FOR DELETE TO %I USING (true)', service || '_worker');
END $$;
