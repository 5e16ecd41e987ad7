-- Texts about no visit: that the clinic wrote, and to whom. No words and no numbers.
CREATE TABLE text_notice (
    id          uuid NOT NULL CONSTRAINT text_notice_pkey PRIMARY KEY,
    patient     uuid NOT NULL,
    kind        text COLLATE "C" NOT NULL CONSTRAINT text_notice_kind CHECK (kind IN ('message-waiting')),
    -- However often it is heard.
    about       uuid NOT NULL CONSTRAINT text_notice_once UNIQUE,
    happened_at timestamptz NOT NULL,
    state       text COLLATE "C" NOT NULL DEFAULT 'waiting'
        CONSTRAINT text_notice_state CHECK (state IN ('waiting', 'sent', 'dropped', 'failed', 'unknown')),
    reason      text COLLATE "C",
    -- When a sender looks at it next; null when nothing is left to do. Whoever takes it moves this on, so that nobody else does.
    next_at     timestamptz DEFAULT now(),
    attempts    int NOT NULL DEFAULT 0,
    -- Of whoever took it last: who holds another has lost it.
    attempt     uuid,
    -- Committed before the provider sees it: from then on it may have been sent.
    handed_at   timestamptz,
    sent_at     timestamptz
);
CREATE INDEX text_notice_next ON text_notice (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX text_notice_told ON text_notice (patient, sent_at) WHERE sent_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON text_notice TO notifications_worker;
ALTER TABLE text_notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE text_notice FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON text_notice TO notifications_worker USING (true);
