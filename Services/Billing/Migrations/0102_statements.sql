-- Month end: a statement for each account that owes something, and lines that patients say are wrong.

-- By whose clocks days and months are counted, as identity told.
CREATE TABLE clinic (
    alone boolean NOT NULL DEFAULT true CONSTRAINT clinic_once PRIMARY KEY CONSTRAINT clinic_alone CHECK (alone),
    zone  text NOT NULL
);

-- A month whose statements are made or being made. It goes on where it stopped: accounts up to `reached` are done.
CREATE TABLE statement_run (
    month    date NOT NULL CONSTRAINT statement_run_once PRIMARY KEY CONSTRAINT statement_run_month CHECK (extract(day FROM month) = 1),
    zone     text NOT NULL,
    -- When the month began and was over on the clinic's clocks.
    since    timestamptz NOT NULL,
    until    timestamptz NOT NULL,
    reached  uuid,
    made     int NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);

-- What an account owed when a month was over, and how it came to that. Its lines are read from the books, which do not change.
CREATE TABLE statement (
    id       uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT statement_id PRIMARY KEY,
    patient  uuid NOT NULL,
    currency text COLLATE "C" NOT NULL,
    month    date NOT NULL CONSTRAINT statement_of REFERENCES statement_run,
    opening  bigint NOT NULL,
    charged  bigint NOT NULL,
    paid     bigint NOT NULL,
    adjusted bigint NOT NULL,
    -- Nobody gets a statement of nothing.
    closing  bigint NOT NULL CONSTRAINT statement_closing CHECK (closing > 0),
    -- Of the closing balance: what the patient says is wrong. Nobody is reminded of it.
    disputed bigint NOT NULL,
    made_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT statement_once UNIQUE (patient, currency, month),
    CONSTRAINT statement_adds_up CHECK (closing = opening + charged - paid - adjusted)
);

-- A line of a bill that its patient says is wrong.
CREATE TABLE line_dispute (
    id         uuid NOT NULL CONSTRAINT line_dispute_once PRIMARY KEY,
    charge     uuid NOT NULL CONSTRAINT line_dispute_of REFERENCES charge,
    patient    uuid NOT NULL,
    invoice    uuid NOT NULL CONSTRAINT line_dispute_on REFERENCES invoice,
    reason     text COLLATE "C" NOT NULL CONSTRAINT line_dispute_reason CHECK (reason IN ('notDone', 'alreadyPaid', 'wrongPrice', 'notMine')),
    state      text COLLATE "C" NOT NULL CONSTRAINT line_dispute_state CHECK (state IN ('open', 'stands', 'corrected')),
    opened_at  timestamptz NOT NULL DEFAULT now(),
    opened_by  uuid,
    settled_at timestamptz,
    settled_by uuid
);
CREATE UNIQUE INDEX line_dispute_open ON line_dispute (charge) WHERE state = 'open';
CREATE INDEX line_dispute_of_patient ON line_dispute (patient) WHERE state = 'open';

GRANT SELECT ON clinic, statement_run TO billing_limited, billing_staff;
GRANT SELECT, INSERT, UPDATE ON clinic, statement_run TO billing_worker;
GRANT SELECT ON statement TO billing_limited, billing_staff;
GRANT SELECT, INSERT ON statement TO billing_worker;
GRANT SELECT, INSERT ON line_dispute TO billing_limited;
GRANT SELECT, INSERT, UPDATE ON line_dispute TO billing_staff, billing_worker;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['statement', 'line_dispute'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY limited ON %I TO billing_limited USING (patient = ANY '
            '((SELECT string_to_array(nullif(current_setting(''chartline.patients'', true), ''''), '','')::uuid[])::uuid[]))', name);
        EXECUTE format('CREATE POLICY staff ON %I TO billing_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO billing_worker USING (true)', name);
    END LOOP;
END $$;
