-- What the service decides access on: who treats whom, what the patient wants, who has broken the glass. Its owner writes these as part of what it
-- does, other services as they hear of it; where nothing is heard nobody treats anybody, and nothing is shown.

-- Members of care teams, and visits: a clinician's, at a place.
CREATE TABLE care (
    -- The CareTeam, or the appointment.
    source       uuid NOT NULL,
    patient      uuid NOT NULL,
    practitioner uuid NOT NULL,
    -- Of a visit.
    location     uuid,
    -- While it is a relationship.
    valid        tstzrange NOT NULL,
    CONSTRAINT care_once PRIMARY KEY (source, practitioner)
);
CREATE INDEX care_of ON care (patient);

-- Where people work: PractitionerRole.
CREATE TABLE workplace (
    source       uuid NOT NULL,
    practitioner uuid NOT NULL,
    location     uuid NOT NULL,
    CONSTRAINT workplace_once PRIMARY KEY (source, location)
);
CREATE INDEX workplace_of ON workplace (practitioner);

-- What a patient wants, a line a row.
CREATE TABLE consent_rule (
    -- The Consent.
    source       uuid NOT NULL,
    patient      uuid NOT NULL,
    permits      boolean NOT NULL,
    -- Neither: everybody.
    practitioner uuid,
    role         text COLLATE "C",
    -- A kind of information, as the bits of its number; NULL is everything.
    kind         int,
    valid        tstzrange NOT NULL
);
CREATE INDEX consent_rule_of ON consent_rule (patient);
CREATE INDEX consent_rule_from ON consent_rule (source);

-- Who opened a chart that was closed to them.
CREATE TABLE broken_glass (
    id      uuid CONSTRAINT broken_glass_once PRIMARY KEY,
    patient uuid NOT NULL,
    account uuid NOT NULL,
    at      timestamptz NOT NULL,
    until   timestamptz NOT NULL
);
CREATE INDEX broken_glass_of ON broken_glass (patient, account);

-- Which version of a source the rows above are of: what comes late does not undo what came after it.
CREATE TABLE heard_version (
    source  uuid CONSTRAINT heard_version_once PRIMARY KEY,
    version int NOT NULL
);

DO $$
DECLARE
    service text := current_schema();
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['care', 'workplace', 'consent_rule', 'broken_glass', 'heard_version'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', t, service || '_worker');
        EXECUTE format('CREATE POLICY worker ON %I TO %I USING (true)', t, service || '_worker');
    END LOOP;
    FOREACH t IN ARRAY ARRAY['care', 'workplace', 'consent_rule', 'broken_glass'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO %I', t, service || '_staff');
        EXECUTE format('CREATE POLICY staff ON %I TO %I USING (true)', t, service || '_staff');
    END LOOP;
    FOREACH t IN ARRAY ARRAY['care', 'consent_rule', 'broken_glass'] LOOP
        EXECUTE format(
            'CREATE POLICY limited ON %I TO %I USING (patient = ANY ((SELECT string_to_array(nullif(current_setting(%L, true), %L), %L)::uuid[])::uuid[]))',
            t, service || '_limited', 'chartline.patients', '', ',');
    END LOOP;
END $$;
