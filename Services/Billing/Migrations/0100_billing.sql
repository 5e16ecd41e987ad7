-- What services cost, visits to be charged, bills, payments, and the books. Amounts are whole numbers of a currency's smallest unit.

-- What services cost now. Charges keep what they cost when they were made.
CREATE TABLE fee (
    code       text COLLATE "C" NOT NULL CONSTRAINT fee_once PRIMARY KEY,
    name_en    text NOT NULL,
    name_es    text NOT NULL,
    amount     bigint NOT NULL CONSTRAINT fee_amount CHECK (amount BETWEEN 1 AND 1000000000),
    currency   text COLLATE "C" NOT NULL CONSTRAINT fee_currency CHECK (currency ~ '^[A-Z]{3}$'),
    -- The kind of visit that is charged with it unasked.
    visit      text COLLATE "C",
    loaded_at  timestamptz NOT NULL DEFAULT now(),
    -- No longer charged.
    retired_at timestamptz
);
CREATE UNIQUE INDEX fee_of_visit ON fee (visit) WHERE retired_at IS NULL;

-- Visits that are over, as records told.
CREATE TABLE encounter (
    id           uuid NOT NULL CONSTRAINT encounter_once PRIMARY KEY,
    patient      uuid NOT NULL,
    appointment  uuid,
    started_at   timestamptz NOT NULL,
    ended_at     timestamptz NOT NULL,
    state        text COLLATE "C" NOT NULL DEFAULT 'waiting' CONSTRAINT encounter_state
        CHECK (state IN ('waiting', 'missing', 'charged', 'no-charge')),
    -- Why nothing is charged.
    reason       text COLLATE "C",
    -- When scheduling is asked what kind of visit it was; null when there is nothing to ask.
    ask_at       timestamptz,
    CONSTRAINT encounter_reason CHECK ((state = 'no-charge') = (reason IS NOT NULL))
);
CREATE INDEX encounter_ask ON encounter (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX encounter_missing ON encounter (ended_at) WHERE state IN ('waiting', 'missing');

CREATE TABLE charge (
    id          uuid NOT NULL CONSTRAINT charge_once PRIMARY KEY,
    patient     uuid NOT NULL,
    encounter   uuid NOT NULL CONSTRAINT charge_of REFERENCES encounter,
    code        text COLLATE "C" NOT NULL,
    name_en     text NOT NULL,
    name_es     text NOT NULL,
    quantity    int NOT NULL CONSTRAINT charge_quantity CHECK (quantity BETWEEN 1 AND 99),
    unit        bigint NOT NULL CONSTRAINT charge_unit CHECK (unit > 0),
    amount      bigint NOT NULL CONSTRAINT charge_amount CHECK (amount = unit * quantity),
    currency    text COLLATE "C" NOT NULL,
    -- When the visit was.
    served_at   timestamptz NOT NULL,
    captured_at timestamptz NOT NULL DEFAULT now(),
    -- Null: by the kind of the visit.
    captured_by uuid
);
CREATE INDEX charge_of_patient ON charge (patient);

CREATE TABLE invoice (
    id        uuid NOT NULL CONSTRAINT invoice_once PRIMARY KEY,
    serial    bigint GENERATED ALWAYS AS IDENTITY,
    patient   uuid NOT NULL,
    currency  text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    due_on    date NOT NULL,
    issued_by uuid
);
CREATE INDEX invoice_of_patient ON invoice (patient, issued_at);

CREATE TABLE invoice_line (
    invoice uuid NOT NULL CONSTRAINT invoice_line_of REFERENCES invoice,
    charge  uuid NOT NULL CONSTRAINT invoice_line_once PRIMARY KEY REFERENCES charge,
    patient uuid NOT NULL,
    place   int NOT NULL,
    CONSTRAINT invoice_line_place UNIQUE (invoice, place)
);

-- One attempt to pay. What became of it may change; what it did to the books is in the books.
CREATE TABLE payment (
    id          uuid NOT NULL CONSTRAINT payment_once PRIMARY KEY,
    patient     uuid NOT NULL,
    invoice     uuid NOT NULL CONSTRAINT payment_of REFERENCES invoice,
    amount      bigint NOT NULL CONSTRAINT payment_amount CHECK (amount > 0),
    currency    text COLLATE "C" NOT NULL,
    method      text COLLATE "C" NOT NULL CONSTRAINT payment_method CHECK (method IN ('card', 'cash')),
    state       text COLLATE "C" NOT NULL CONSTRAINT payment_state
        CHECK (state IN ('created', 'requires-action', 'processing', 'captured', 'failed', 'cancelled')),
    failure     text COLLATE "C",
    -- The processor's own ids, and its page where the card is asked for.
    session     text COLLATE "C" CONSTRAINT payment_session UNIQUE,
    intent      text COLLATE "C" CONSTRAINT payment_intent UNIQUE,
    page        text COLLATE "C",
    started_at  timestamptz NOT NULL DEFAULT now(),
    started_by  uuid,
    ended_at    timestamptz,
    cancel_asked boolean NOT NULL DEFAULT false,
    -- When the processor is asked how it stands; null when there is nothing to ask.
    next_at     timestamptz,
    attempts    int NOT NULL DEFAULT 0
);
CREATE INDEX payment_next ON payment (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX payment_of_invoice ON payment (invoice);
-- Of one bill one payment is on its way.
CREATE UNIQUE INDEX payment_under_way ON payment (invoice) WHERE state IN ('created', 'requires-action', 'processing');
CREATE INDEX payment_failed ON payment (started_at) WHERE state = 'failed';

CREATE TABLE refund (
    id        uuid NOT NULL CONSTRAINT refund_once PRIMARY KEY,
    payment   uuid NOT NULL CONSTRAINT refund_of REFERENCES payment,
    patient   uuid NOT NULL,
    amount    bigint NOT NULL CONSTRAINT refund_amount CHECK (amount > 0),
    reason    text COLLATE "C" NOT NULL,
    takes_off boolean NOT NULL,
    state     text COLLATE "C" NOT NULL CONSTRAINT refund_state CHECK (state IN ('requested', 'done', 'failed')),
    -- The processor's own id.
    processor text COLLATE "C" CONSTRAINT refund_processor UNIQUE,
    asked_at  timestamptz NOT NULL DEFAULT now(),
    asked_by  uuid,
    ended_at  timestamptz,
    next_at   timestamptz,
    attempts  int NOT NULL DEFAULT 0
);
CREATE INDEX refund_next ON refund (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX refund_of_payment ON refund (payment);

-- Somebody asked their bank to take a payment back.
CREATE TABLE dispute (
    id        uuid NOT NULL CONSTRAINT dispute_once PRIMARY KEY,
    processor text COLLATE "C" NOT NULL CONSTRAINT dispute_processor UNIQUE,
    payment   uuid NOT NULL CONSTRAINT dispute_of REFERENCES payment,
    patient   uuid NOT NULL,
    amount    bigint NOT NULL CONSTRAINT dispute_amount CHECK (amount > 0),
    state     text COLLATE "C" NOT NULL CONSTRAINT dispute_state CHECK (state IN ('open', 'won', 'lost')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    ended_at  timestamptz
);
CREATE INDEX dispute_of_payment ON dispute (payment);

-- What the processor told, once each.
CREATE TABLE card_event (
    id          text COLLATE "C" NOT NULL CONSTRAINT card_event_once PRIMARY KEY,
    kind        text COLLATE "C" NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);

-- The books. An entry is some postings, of one currency, that add up to nothing: debits are positive, credits negative. Nothing in them is ever
-- changed or removed; what was wrong is set right by an entry against it.
CREATE TABLE entry (
    id       uuid NOT NULL CONSTRAINT entry_id PRIMARY KEY,
    kind     text COLLATE "C" NOT NULL CONSTRAINT entry_kind CHECK (kind IN
        ('invoice', 'payment', 'refund', 'credit', 'write-off', 'dispute', 'dispute-won', 'dispute-lost', 'reversal')),
    patient  uuid NOT NULL,
    invoice  uuid NOT NULL CONSTRAINT entry_invoice REFERENCES invoice,
    currency text COLLATE "C" NOT NULL,
    -- The invoice, payment, refund, dispute, command or entry it was made for: for each once, however often that is asked.
    about    uuid NOT NULL,
    reason   text COLLATE "C",
    at       timestamptz NOT NULL DEFAULT now(),
    made_by  uuid,
    CONSTRAINT entry_once UNIQUE (kind, about),
    CONSTRAINT entry_currency UNIQUE (id, currency)
);
CREATE INDEX entry_of_invoice ON entry (invoice);

CREATE TABLE posting (
    entry    uuid NOT NULL,
    place    int NOT NULL,
    -- receivable: what patients owe, a line of a bill each. card: what the processor holds for us. cash: what the desk took. revenue: what was
    -- charged. credits, write-offs: what was taken off. disputed: what banks hold back. held: what patients paid that no bill asks for.
    account  text COLLATE "C" NOT NULL CONSTRAINT posting_account
        CHECK (account IN ('receivable', 'card', 'cash', 'revenue', 'credits', 'write-offs', 'disputed', 'held')),
    patient  uuid NOT NULL,
    charge   uuid CONSTRAINT posting_charge REFERENCES charge,
    amount   bigint NOT NULL CONSTRAINT posting_amount CHECK (amount <> 0),
    currency text COLLATE "C" NOT NULL,
    CONSTRAINT posting_once PRIMARY KEY (entry, place),
    CONSTRAINT posting_of FOREIGN KEY (entry, currency) REFERENCES entry (id, currency),
    CONSTRAINT posting_line CHECK (account <> 'receivable' OR charge IS NOT NULL)
);
CREATE INDEX posting_of_line ON posting (charge) WHERE account = 'receivable';

-- Looked at when the transaction commits: an entry that does not balance, or has no postings, is none.
CREATE FUNCTION check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT coalesce(sum(amount), 1) FROM posting WHERE entry = (to_jsonb(NEW) ->> TG_ARGV[0])::uuid) <> 0 THEN
        RAISE EXCEPTION 'debits are not credits' USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_balances';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_balance('id');
CREATE CONSTRAINT TRIGGER posting_balances AFTER INSERT ON posting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance('entry');

-- Each time the books were added up.
CREATE TABLE proof (
    id    uuid NOT NULL CONSTRAINT proof_once PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT now(),
    holds boolean NOT NULL
);
CREATE INDEX proof_at ON proof (at);

GRANT SELECT ON fee, proof TO billing_limited, billing_staff;
GRANT SELECT, INSERT, UPDATE ON fee TO billing_worker;
GRANT SELECT, INSERT ON proof, card_event TO billing_worker;
GRANT SELECT ON charge, invoice, invoice_line, payment, refund, dispute, entry, posting TO billing_limited;
GRANT INSERT ON payment TO billing_limited;
GRANT UPDATE (cancel_asked, next_at) ON payment TO billing_limited;
GRANT SELECT, INSERT, UPDATE ON encounter TO billing_staff, billing_worker;
GRANT SELECT, INSERT ON charge, invoice, invoice_line, entry, posting TO billing_staff, billing_worker;
GRANT SELECT, INSERT, UPDATE ON payment, refund, dispute TO billing_staff, billing_worker;

ALTER TABLE encounter ENABLE ROW LEVEL SECURITY;
ALTER TABLE encounter FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON encounter TO billing_staff USING (true);
CREATE POLICY worker ON encounter TO billing_worker USING (true);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['charge', 'invoice', 'invoice_line', 'payment', 'refund', 'dispute', 'entry', 'posting'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY limited ON %I TO billing_limited USING (patient = ANY '
            '((SELECT string_to_array(nullif(current_setting(''chartline.patients'', true), ''''), '','')::uuid[])::uuid[]))', name);
        EXECUTE format('CREATE POLICY staff ON %I TO billing_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO billing_worker USING (true)', name);
    END LOOP;
END $$;
