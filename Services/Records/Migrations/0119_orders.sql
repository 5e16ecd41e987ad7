-- Orders that wait for a result, placed or taken up here; the row goes when the order is closed. An order that was imported has a row once
-- somebody here has changed it: what comes from elsewhere is not ours to chase.
CREATE TABLE open_order (
    id      uuid PRIMARY KEY,
    patient uuid NOT NULL,
    -- When its day is over everywhere on Earth.
    due_at  timestamptz NOT NULL
);
CREATE INDEX ON open_order (due_at);
CREATE INDEX ON open_order (patient);

-- What was written or corrected here, and whether somebody answers for it as it is now.
CREATE TABLE result_review (
    result       uuid PRIMARY KEY,
    patient      uuid NOT NULL,
    orderer      uuid,
    -- Abnormal, or changed after somebody had seen it: everybody who treats the patient is told in the end.
    escalates    boolean NOT NULL,
    since        timestamptz NOT NULL,
    acknowledged boolean NOT NULL DEFAULT false
);
CREATE INDEX ON result_review (orderer) WHERE NOT acknowledged;
CREATE INDEX ON result_review (since) WHERE NOT acknowledged AND escalates;
CREATE INDEX ON result_review (patient);

-- Who has seen which version, and when: kept.
CREATE TABLE result_acknowledgement (
    result       uuid NOT NULL,
    version      int NOT NULL,
    account      uuid NOT NULL,
    patient      uuid NOT NULL,
    practitioner uuid,
    at           timestamptz NOT NULL,
    -- It has been changed since, and they have not seen that yet.
    outdated     boolean NOT NULL DEFAULT false,
    CONSTRAINT result_acknowledgement_once PRIMARY KEY (result, version, account)
);
CREATE INDEX ON result_acknowledgement (account) WHERE outdated;
CREATE INDEX ON result_acknowledgement (patient);

GRANT SELECT, INSERT, DELETE ON open_order TO records_staff;
GRANT SELECT, INSERT, UPDATE ON result_review TO records_staff;
GRANT SELECT, INSERT, UPDATE (outdated) ON result_acknowledgement TO records_staff;
-- A destroyed record leaves nothing that waits.
GRANT SELECT, DELETE ON open_order, result_review, result_acknowledgement TO records_worker;

ALTER TABLE open_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE open_order FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON open_order TO records_staff USING (true);
CREATE POLICY worker ON open_order TO records_worker USING (true);
ALTER TABLE result_review ENABLE ROW LEVEL SECURITY;
ALTER TABLE result_review FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON result_review TO records_staff USING (true);
CREATE POLICY worker ON result_review TO records_worker USING (true);
ALTER TABLE result_acknowledgement ENABLE ROW LEVEL SECURITY;
ALTER TABLE result_acknowledgement FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON result_acknowledgement TO records_staff USING (true);
CREATE POLICY worker ON result_acknowledgement TO records_worker USING (true);
