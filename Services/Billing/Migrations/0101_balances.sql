-- What is owed on each bill, kept beside the books by the database itself, so that lists of unpaid bills need not add up every posting. The proof
-- compares it with the books.
CREATE TABLE balance (
    invoice  uuid NOT NULL CONSTRAINT balance_once PRIMARY KEY CONSTRAINT balance_of REFERENCES invoice,
    patient  uuid NOT NULL,
    currency text COLLATE "C" NOT NULL,
    due_on   date NOT NULL,
    total    bigint NOT NULL,
    due      bigint NOT NULL
);
CREATE INDEX balance_of_patient ON balance (patient);
CREATE INDEX balance_unpaid ON balance (due_on, invoice) WHERE due > 0;

-- What there is already; the owner sees it once its own policies do not bind it.
ALTER TABLE invoice NO FORCE ROW LEVEL SECURITY;
ALTER TABLE entry NO FORCE ROW LEVEL SECURITY;
ALTER TABLE posting NO FORCE ROW LEVEL SECURITY;
INSERT INTO balance (invoice, patient, currency, due_on, total, due)
SELECT i.id, i.patient, i.currency, i.due_on, coalesce(sum(p.amount) FILTER (WHERE e.kind = 'invoice'), 0), coalesce(sum(p.amount), 0)
FROM invoice i LEFT JOIN entry e ON e.invoice = i.id LEFT JOIN posting p ON p.entry = e.id AND p.account = 'receivable' GROUP BY i.id;
ALTER TABLE invoice FORCE ROW LEVEL SECURITY;
ALTER TABLE entry FORCE ROW LEVEL SECURITY;
ALTER TABLE posting FORCE ROW LEVEL SECURITY;

CREATE FUNCTION keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO balance AS b (invoice, patient, currency, due_on, total, due)
    SELECT i.id, i.patient, i.currency, i.due_on, CASE e.kind WHEN 'invoice' THEN NEW.amount ELSE 0 END, NEW.amount
    FROM entry e JOIN invoice i ON i.id = e.invoice WHERE e.id = NEW.entry
    ON CONFLICT (invoice) DO UPDATE SET total = b.total + excluded.total, due = b.due + excluded.due;
    RETURN NULL;
END $$;
CREATE TRIGGER posting_keeps_balance AFTER INSERT ON posting FOR EACH ROW WHEN (NEW.account = 'receivable') EXECUTE FUNCTION keep_balance();

-- By the trigger alone: whoever writes it otherwise is refused, whatever their rights.
CREATE FUNCTION refuse_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'balances are kept by the postings' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER balance_is_kept BEFORE INSERT OR UPDATE OR DELETE ON balance
    FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_balance();

GRANT SELECT ON balance TO billing_limited;
GRANT SELECT, INSERT, UPDATE ON balance TO billing_staff, billing_worker;
ALTER TABLE balance ENABLE ROW LEVEL SECURITY;
ALTER TABLE balance FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON balance TO billing_limited USING (patient = ANY
    ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON balance TO billing_staff USING (true);
CREATE POLICY worker ON balance TO billing_worker USING (true);
