-- Documents that were shared with colleagues who do not treat the patient: with a person, or with everybody who works at a place. What is over or was
-- withdrawn stays as a row, and opens nothing.
CREATE TABLE document_share (
    id           uuid CONSTRAINT document_share_once PRIMARY KEY,
    patient      uuid NOT NULL,
    document     uuid NOT NULL,
    practitioner uuid,
    location     uuid,
    at           timestamptz NOT NULL,
    -- The practitioner who shared it.
    shared_by    uuid,
    until        timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT document_share_with_one CHECK (num_nonnulls(practitioner, location) = 1)
);
CREATE INDEX ON document_share (patient);
CREATE INDEX ON document_share (practitioner) WHERE withdrawn_at IS NULL;
CREATE INDEX ON document_share (location) WHERE withdrawn_at IS NULL;

GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON document_share TO records_staff;
-- Access is decided by the worker; a destroyed record leaves nothing that is shared.
GRANT SELECT, DELETE ON document_share TO records_worker;

ALTER TABLE document_share ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_share FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON document_share TO records_staff USING (true);
CREATE POLICY worker ON document_share TO records_worker USING (true);
