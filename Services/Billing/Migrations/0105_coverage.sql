-- Insurances as their cards say. What the card says is sealed; its pictures are documents of the record. Whether they pay is no part of it.
CREATE TABLE coverage (
    id         uuid NOT NULL CONSTRAINT coverage_once PRIMARY KEY,
    patient    uuid NOT NULL,
    -- Payor, member, group, relationship and phone, sealed.
    details    bytea NOT NULL,
    state      text COLLATE "C" NOT NULL DEFAULT 'stated' CONSTRAINT coverage_state CHECK (state IN ('stated', 'confirmed', 'refused', 'ended')),
    reason     text COLLATE "C" CONSTRAINT coverage_reason CHECK (reason IN ('notReadable', 'notAsOnTheCard', 'notTheirs', 'notInsured')),
    -- Documents: the two sides of the card.
    front      uuid,
    back       uuid,
    added_at   timestamptz NOT NULL DEFAULT now(),
    added_by   uuid,
    decided_at timestamptz,
    decided_by uuid,
    CONSTRAINT coverage_decided CHECK ((state = 'stated') = (decided_at IS NULL) AND (state = 'refused') = (reason IS NOT NULL))
);
CREATE INDEX coverage_of ON coverage (patient, added_at);
CREATE INDEX coverage_to_check ON coverage (added_at) WHERE state = 'stated';

GRANT SELECT, INSERT ON coverage TO billing_limited, billing_staff;
GRANT UPDATE (front, back) ON coverage TO billing_limited;
GRANT UPDATE (front, back, state, reason, decided_at, decided_by) ON coverage TO billing_staff;
GRANT SELECT, UPDATE (details) ON coverage TO billing_worker;

ALTER TABLE coverage ENABLE ROW LEVEL SECURITY;
ALTER TABLE coverage FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON coverage TO billing_limited USING (patient = ANY
    ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON coverage TO billing_staff USING (true);
CREATE POLICY worker ON coverage TO billing_worker USING (true);
