-- Holds on records, and their destruction: what was ordered, and what became of it. A worker carries orders out in the key store, which no
-- transaction covers.
CREATE TABLE record_order (
    id             uuid CONSTRAINT record_order_once PRIMARY KEY,
    patient        uuid NOT NULL,
    kind           text COLLATE "C" NOT NULL CONSTRAINT record_order_kind CHECK (kind IN ('hold', 'release', 'destroy')),
    -- Sealed with nobody's key: it has to be readable when the patient's is gone.
    reason         bytea NOT NULL,
    at             timestamptz NOT NULL,
    ordered_by     text COLLATE "C" NOT NULL,
    carried_out_at timestamptz,
    outcome        text COLLATE "C" CONSTRAINT record_order_outcome CHECK (outcome IN ('done', 'held', 'destroyed')),
    CONSTRAINT record_order_carried_out CHECK ((carried_out_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX record_order_of ON record_order (patient, at);
CREATE INDEX record_order_open ON record_order (at) WHERE carried_out_at IS NULL;

-- Who the record was of is not known any more; that there was one is.
ALTER TABLE patient ADD COLUMN destroyed_at timestamptz;

GRANT SELECT, INSERT, UPDATE (carried_out_at, outcome, reason) ON record_order TO records_worker;
ALTER TABLE record_order ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_order FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON record_order TO records_worker USING (true);
