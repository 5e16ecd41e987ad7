-- Who pays the bills of a patient, from a day on: the patient, where nothing is said. Nothing here is changed: what is said later stands beside it.
CREATE TABLE guarantor (
    id           uuid NOT NULL CONSTRAINT guarantor_once PRIMARY KEY,
    patient      uuid NOT NULL,
    patient_name text NOT NULL,
    relationship text COLLATE "C" NOT NULL CONSTRAINT guarantor_relationship
        CHECK (relationship IN ('patient', 'parent', 'guardian', 'spouse', 'other')),
    -- Their own record; null for who has none, and where the patient pays.
    person       uuid CONSTRAINT guarantor_person CHECK (person <> patient),
    name         text,
    address      text,
    reason       text COLLATE "C" NOT NULL CONSTRAINT guarantor_reason
        CHECK (reason IN ('minor', 'agreement', 'courtOrder', 'ofAge', 'atRequest', 'correction')),
    valid_from   date NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT now(),
    made_by      uuid,
    CONSTRAINT guarantor_who CHECK ((relationship = 'patient') = (name IS NULL) AND (name IS NOT NULL OR person IS NULL))
);
CREATE INDEX guarantor_of ON guarantor (patient, valid_from);

-- A bill stays with whom it was issued to. `billed_to` is their record, or what was said of them where they have none; null for the patient.
ALTER TABLE invoice ADD guarantor uuid CONSTRAINT invoice_guarantor REFERENCES guarantor, ADD billed_to uuid,
    ADD CONSTRAINT invoice_billed CHECK ((guarantor IS NULL) = (billed_to IS NULL));
CREATE INDEX invoice_billed_to ON invoice (billed_to, issued_at) WHERE billed_to IS NOT NULL;

-- Who pays gets a statement of what they pay, and the patient one of the rest.
ALTER TABLE statement ADD guarantor uuid CONSTRAINT statement_guarantor REFERENCES guarantor, ADD billed_to uuid,
    DROP CONSTRAINT statement_once, ADD CONSTRAINT statement_once UNIQUE NULLS NOT DISTINCT (patient, currency, month, billed_to);
CREATE INDEX statement_billed_to ON statement (billed_to) WHERE billed_to IS NOT NULL;

GRANT SELECT ON guarantor TO billing_limited, billing_worker;
GRANT SELECT, INSERT ON guarantor TO billing_staff;
ALTER TABLE guarantor ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarantor FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON guarantor TO billing_staff USING (true);
CREATE POLICY worker ON guarantor TO billing_worker USING (true);

-- Beside the patient's own rows: those of bills that were issued to somebody in the patient's place.
DO $$
DECLARE
    name text;
    mine text := '((SELECT string_to_array(nullif(current_setting(''chartline.patients'', true), ''''), '','')::uuid[])::uuid[])';
BEGIN
    EXECUTE format('CREATE POLICY limited ON guarantor TO billing_limited USING (patient = ANY %s OR person = ANY %s)', mine, mine);
    FOREACH name IN ARRAY ARRAY['invoice', 'statement'] LOOP
        EXECUTE format('CREATE POLICY payer ON %I TO billing_limited USING (billed_to = ANY %s)', name, mine);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['invoice_line', 'payment', 'entry', 'balance', 'line_dispute'] LOOP
        EXECUTE format('CREATE POLICY payer ON %I TO billing_limited USING (invoice IN (SELECT i.id FROM invoice i WHERE i.billed_to = ANY %s))',
            name, mine);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['refund', 'dispute'] LOOP
        EXECUTE format('CREATE POLICY payer ON %I TO billing_limited USING (payment IN (SELECT p.id FROM payment p JOIN invoice i '
            'ON i.id = p.invoice WHERE i.billed_to = ANY %s))', name, mine);
    END LOOP;
    EXECUTE format('CREATE POLICY payer ON posting TO billing_limited USING (EXISTS (SELECT FROM entry e JOIN invoice i ON i.id = e.invoice '
        'WHERE e.id = posting.entry AND i.billed_to = ANY %s))', mine);
    EXECUTE format('CREATE POLICY payer ON charge TO billing_limited USING (EXISTS (SELECT FROM invoice_line l JOIN invoice i ON i.id = l.invoice '
        'WHERE l.charge = charge.id AND i.billed_to = ANY %s))', mine);
END $$;
