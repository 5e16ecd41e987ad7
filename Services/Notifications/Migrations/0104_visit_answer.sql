-- What people answered to messages about visits, by link or by text. A worker carries each to scheduling.
CREATE TABLE visit_answer (
    id          uuid NOT NULL CONSTRAINT visit_answer_pkey PRIMARY KEY,
    -- The message that was answered.
    intent      uuid NOT NULL,
    appointment uuid NOT NULL,
    patient     uuid NOT NULL,
    starts_at   timestamptz NOT NULL,
    accepts     boolean NOT NULL,
    means       text COLLATE "C" NOT NULL CONSTRAINT visit_answer_means CHECK (means IN ('link', 'text')),
    at          timestamptz NOT NULL DEFAULT now(),
    state       text COLLATE "C" NOT NULL DEFAULT 'waiting' CONSTRAINT visit_answer_state CHECK (state IN ('waiting', 'done', 'refused')),
    -- When a worker looks at it next; null when nothing is left to do.
    next_at     timestamptz DEFAULT now()
);
CREATE INDEX visit_answer_next ON visit_answer (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX visit_answer_of ON visit_answer (appointment, at DESC);

GRANT SELECT ON visit_answer TO notifications_staff;
GRANT SELECT, INSERT, UPDATE ON visit_answer TO notifications_worker;
ALTER TABLE visit_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON visit_answer FOR SELECT TO notifications_staff USING (true);
CREATE POLICY worker ON visit_answer TO notifications_worker USING (true);
