-- E-mails that identity has written: which, and how far each is. To whom and what is asked for at the moment of sending.
CREATE TABLE letter (
    id       uuid NOT NULL CONSTRAINT letter_pkey PRIMARY KEY,
    state    text COLLATE "C" NOT NULL DEFAULT 'waiting' CONSTRAINT letter_state CHECK (state IN ('waiting', 'sent', 'dropped', 'failed', 'unknown')),
    reason   text COLLATE "C",
    -- When a sender looks at it next; null when nothing is left to do. Whoever takes it moves this on, so that nobody else does.
    next_at  timestamptz DEFAULT now(),
    attempts int NOT NULL DEFAULT 0,
    heard_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX letter_next ON letter (next_at) WHERE next_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON letter TO notifications_worker;
ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON letter TO notifications_worker USING (true);
