-- What each member of staff has done, and when first: what their list of first steps ticks itself by. Written when the trail is copied,
-- because in the trail itself it would be looked for among everything everybody ever did.
CREATE TABLE first_done (
    account uuid NOT NULL,
    action  text COLLATE "C" NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT first_done_once PRIMARY KEY (account, action)
);

-- Who has put the list away, and since when.
CREATE TABLE first_steps_away (
    account uuid CONSTRAINT first_steps_away_once PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now()
);

-- What is copied already counts. Policies bind the tables' owner too, and none lets it read.
ALTER TABLE entry_copy NO FORCE ROW LEVEL SECURITY;
INSERT INTO first_done (account, action, at)
SELECT account, action, min(at) FROM entry_copy
WHERE account IS NOT NULL AND outcome = 'done' AND role IN ('clinician', 'nurse', 'front-desk', 'billing-office', 'administrator')
GROUP BY account, action;
ALTER TABLE entry_copy FORCE ROW LEVEL SECURITY;

GRANT SELECT, INSERT ON first_done TO audit_worker;
GRANT SELECT ON first_done TO audit_staff;
GRANT SELECT, INSERT, DELETE ON first_steps_away TO audit_staff;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['first_done', 'first_steps_away'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I TO audit_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO audit_worker USING (true)', name);
    END LOOP;
END $$;
