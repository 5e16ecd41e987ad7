-- Charges that were wrong altogether, and what waits for a second person.

ALTER TABLE entry DROP CONSTRAINT entry_kind, ADD CONSTRAINT entry_kind CHECK (kind IN
    ('invoice', 'payment', 'refund', 'credit', 'write-off', 'dispute', 'dispute-won', 'dispute-lost', 'reversal', 'void'));

-- A charge that does not count any more. Where it was on a bill, an entry against it is in the books.
CREATE TABLE charge_void (
    charge  uuid NOT NULL CONSTRAINT charge_void_once PRIMARY KEY CONSTRAINT charge_void_of REFERENCES charge,
    patient uuid NOT NULL,
    reason  text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    made_by uuid
);

-- A refund, credit or write-off above the clinic's limit: somebody else of the office decides it.
CREATE TABLE approval (
    id         uuid NOT NULL CONSTRAINT approval_once PRIMARY KEY,
    kind       text COLLATE "C" NOT NULL CONSTRAINT approval_kind CHECK (kind IN ('refund', 'credit', 'write-off')),
    patient    uuid NOT NULL,
    invoice    uuid NOT NULL CONSTRAINT approval_of REFERENCES invoice,
    -- Of a refund.
    payment    uuid CONSTRAINT approval_payment REFERENCES payment,
    takes_off  boolean NOT NULL DEFAULT false,
    amount     bigint NOT NULL CONSTRAINT approval_amount CHECK (amount > 0),
    currency   text COLLATE "C" NOT NULL,
    reason     text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL DEFAULT 'waiting' CONSTRAINT approval_state CHECK (state IN ('waiting', 'approved', 'declined')),
    asked_at   timestamptz NOT NULL DEFAULT now(),
    asked_by   uuid,
    decided_at timestamptz,
    decided_by uuid,
    CONSTRAINT approval_refund CHECK ((kind = 'refund') = (payment IS NOT NULL)),
    CONSTRAINT approval_second CHECK (state <> 'approved' OR decided_by <> asked_by)
);
CREATE INDEX approval_waiting ON approval (asked_at) WHERE state = 'waiting';
CREATE INDEX approval_of_invoice ON approval (invoice) WHERE state = 'waiting';

GRANT SELECT ON charge_void TO billing_limited;
GRANT SELECT, INSERT ON charge_void TO billing_staff, billing_worker;
GRANT SELECT, INSERT, UPDATE ON approval TO billing_staff, billing_worker;

ALTER TABLE charge_void ENABLE ROW LEVEL SECURITY;
ALTER TABLE charge_void FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON charge_void TO billing_limited USING (patient = ANY
    ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON charge_void TO billing_staff USING (true);
CREATE POLICY worker ON charge_void TO billing_worker USING (true);
ALTER TABLE approval ENABLE ROW LEVEL SECURITY;
ALTER TABLE approval FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON approval TO billing_staff USING (true);
CREATE POLICY worker ON approval TO billing_worker USING (true);
