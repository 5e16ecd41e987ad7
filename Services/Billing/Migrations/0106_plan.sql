-- What is owed on a bill, in equal instalments a month apart. What is paid on the bill since then goes to them in their order, so nothing but the
-- plan's state and what was said about an instalment ever changes here.
CREATE TABLE plan (
    id       uuid NOT NULL CONSTRAINT plan_once PRIMARY KEY,
    patient  uuid NOT NULL,
    invoice  uuid NOT NULL CONSTRAINT plan_of REFERENCES invoice,
    -- What was owed when it was made.
    total    bigint NOT NULL CONSTRAINT plan_total CHECK (total > 0),
    count    int NOT NULL CONSTRAINT plan_count CHECK (count BETWEEN 2 AND 24),
    state    text COLLATE "C" NOT NULL DEFAULT 'active' CONSTRAINT plan_state CHECK (state IN ('active', 'paid', 'cancelled')),
    reason   text COLLATE "C" CONSTRAINT plan_reason CHECK (reason IN ('corrected', 'given-up')),
    made_at  timestamptz NOT NULL DEFAULT now(),
    made_by  uuid,
    by_office boolean NOT NULL,
    ended_at timestamptz,
    CONSTRAINT plan_ended CHECK ((state = 'active') = (ended_at IS NULL) AND (state = 'cancelled') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX plan_active ON plan (invoice) WHERE state = 'active';
CREATE INDEX plan_of_invoice ON plan (invoice, made_at);

CREATE TABLE instalment (
    plan    uuid NOT NULL CONSTRAINT instalment_of REFERENCES plan,
    number  int NOT NULL CONSTRAINT instalment_number CHECK (number >= 1),
    patient uuid NOT NULL,
    due_on  date NOT NULL,
    amount  bigint NOT NULL CONSTRAINT instalment_amount CHECK (amount > 0),
    -- What was said about it: 1 that it is due soon, 2 and 3 that it is three and seven days late.
    told    int NOT NULL DEFAULT 0 CONSTRAINT instalment_told CHECK (told BETWEEN 0 AND 3),
    CONSTRAINT instalment_once PRIMARY KEY (plan, number)
);
CREATE INDEX instalment_to_tell ON instalment (due_on) WHERE told < 3;

-- Looked at when the transaction commits: instalments that are not the whole amount, to the cent, are no plan.
CREATE FUNCTION check_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT (count(*), coalesce(sum(amount), 0)) FROM instalment WHERE plan = NEW.id) IS DISTINCT FROM (NEW.count::bigint, NEW.total::numeric)
    THEN
        RAISE EXCEPTION 'instalments are not the amount' USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER plan_adds_up AFTER INSERT ON plan DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_plan();

GRANT SELECT, INSERT ON plan, instalment TO billing_limited, billing_staff;
GRANT UPDATE (state, reason, ended_at) ON plan TO billing_limited, billing_staff, billing_worker;
GRANT SELECT ON plan, instalment TO billing_worker;
GRANT UPDATE (told) ON instalment TO billing_worker;

DO $$
DECLARE
    name text;
    mine text := '((SELECT string_to_array(nullif(current_setting(''chartline.patients'', true), ''''), '','')::uuid[])::uuid[])';
BEGIN
    FOREACH name IN ARRAY ARRAY['plan', 'instalment'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY limited ON %I TO billing_limited USING (patient = ANY %s)', name, mine);
        EXECUTE format('CREATE POLICY staff ON %I TO billing_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO billing_worker USING (true)', name);
    END LOOP;
    EXECUTE format('CREATE POLICY payer ON plan TO billing_limited USING (invoice IN (SELECT i.id FROM invoice i WHERE i.billed_to = ANY %s))', mine);
    EXECUTE format('CREATE POLICY payer ON instalment TO billing_limited USING (plan IN (SELECT p.id FROM plan p JOIN invoice i '
        'ON i.id = p.invoice WHERE i.billed_to = ANY %s))', mine);
END $$;

-- Of a statement's closing balance: what is paid in instalments, and not said to be wrong. Nobody is reminded of it by the statement.
ALTER TABLE statement ADD planned bigint NOT NULL DEFAULT 0;
