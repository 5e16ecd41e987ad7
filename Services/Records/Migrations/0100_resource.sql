-- The record: one row a FHIR R4 resource, with columns extracted for search. The body is the resource's exact JSON text, compressed and sealed:
-- nothing on the server reads inside it. Rows of no patient (Practitioner, Organization …) carry the zero UUID, so that the policy of
-- patients' own transactions stays one "= ANY".
CREATE TABLE resource (
    type         text COLLATE "C" NOT NULL,
    id           uuid NOT NULL,
    patient      uuid NOT NULL,
    version      int NOT NULL,
    last_updated timestamptz NOT NULL,
    deleted      boolean NOT NULL DEFAULT false,
    status       text COLLATE "C",
    code         text COLLATE "C",
    -- The main date as a half-open range of its precision.
    d_lo         timestamptz,
    d_hi         timestamptz,
    -- For plots and quantity search; never shown as the value.
    num          double precision,
    unit         text COLLATE "C",
    encounter    uuid,
    category     text[] COLLATE "C" NOT NULL DEFAULT '{}',
    -- Hashes of type/param/system|code and type/param/code; identifiers as keyed hashes.
    tokens       bigint[] NOT NULL DEFAULT '{}',
    refs         uuid[] NOT NULL DEFAULT '{}',
    body         bytea NOT NULL,
    CONSTRAINT resource_pkey PRIMARY KEY (type, id)
) PARTITION BY LIST (type);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY '{Observation,Encounter,Condition,MedicationRequest,Procedure,DiagnosticReport,Immunization,Claim,ExplanationOfBenefit,Patient}'::text[] LOOP
        EXECUTE format(
            'CREATE TABLE resource_%s PARTITION OF resource FOR VALUES IN (%L)
                WITH (fillfactor=85, autovacuum_vacuum_scale_factor=0.02, autovacuum_analyze_scale_factor=0.02)', lower(t), t);
    END LOOP;
END $$;
CREATE TABLE resource_other PARTITION OF resource DEFAULT;

CREATE INDEX ON resource (patient, type, d_lo DESC, id DESC);
CREATE INDEX ON resource_observation (patient, code, d_lo DESC) INCLUDE (num, unit) WHERE type = 'Observation' AND NOT deleted;
CREATE INDEX ON resource (type, code, d_lo DESC, id DESC);
CREATE INDEX ON resource (encounter) WHERE encounter IS NOT NULL;
CREATE INDEX ON resource USING gin (tokens);
CREATE INDEX ON resource USING gin (refs);

-- Every version that ever was. Append only: nobody is granted UPDATE or DELETE.
CREATE TABLE resource_version (
    type    text COLLATE "C" NOT NULL,
    id      uuid NOT NULL,
    version int NOT NULL,
    patient uuid NOT NULL,
    at      timestamptz NOT NULL,
    actor   text COLLATE "C" NOT NULL,
    op      text COLLATE "C" NOT NULL CHECK (op IN ('create', 'update', 'delete')),
    body    bytea NOT NULL,
    CONSTRAINT resource_version_once PRIMARY KEY (id, version)
);
CREATE INDEX ON resource_version (type, at);

-- Where an imported resource came from: importing the same file again finds its rows and changes nothing.
CREATE TABLE import_source (
    url     text COLLATE "C" NOT NULL,
    -- `Type/id` with the id it had there: how other files may refer to it.
    alias   text COLLATE "C",
    type    text COLLATE "C" NOT NULL,
    id      uuid NOT NULL,
    patient uuid NOT NULL,
    -- SHA-256 of the resource as it was sent.
    digest  bytea NOT NULL,
    CONSTRAINT import_source_once PRIMARY KEY (url)
);
CREATE INDEX ON import_source (alias);
CREATE INDEX ON import_source (id);

-- What tells two patients apart, in clear, for finding them.
CREATE TABLE patient (
    id         uuid PRIMARY KEY,
    version    int NOT NULL,
    name       text NOT NULL,
    family     text NOT NULL,
    given      text NOT NULL,
    birth_date text COLLATE "C",
    gender     text COLLATE "C",
    mrn        text COLLATE "C",
    phone      text COLLATE "C",
    language   text COLLATE "C",
    deceased   boolean NOT NULL DEFAULT false
);
CREATE INDEX ON patient (birth_date);
CREATE INDEX ON patient (mrn);
CREATE INDEX ON patient (phone);

-- One row a name a patient goes by; lower case, no accents, hyphens as spaces, a space in front of each word.
CREATE TABLE patient_name (
    patient uuid NOT NULL REFERENCES patient,
    words   text COLLATE "C" NOT NULL
);
CREATE INDEX ON patient_name (patient);
CREATE INDEX ON patient_name USING gin (words public.gin_trgm_ops) WITH (fastupdate = off);

-- Files on their way in, sealed, a part a row; gone once imported, or after a day.
CREATE TABLE upload_part (
    upload   uuid NOT NULL,
    position bigint NOT NULL,
    content  bytea NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT upload_part_once PRIMARY KEY (upload, position)
);

GRANT SELECT, INSERT, UPDATE ON resource, patient TO records_staff, records_worker;
GRANT SELECT, INSERT ON resource_version TO records_staff, records_worker;
GRANT SELECT, INSERT, UPDATE ON import_source TO records_worker;
GRANT SELECT, INSERT, DELETE ON patient_name TO records_staff, records_worker;
GRANT SELECT, INSERT, DELETE ON upload_part TO records_worker;
GRANT SELECT ON resource, resource_version, patient TO records_limited;

DO $$
DECLARE
    t text;
    mine text := $p$(SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]$p$;
BEGIN
    FOREACH t IN ARRAY '{resource,resource_version,import_source,patient,patient_name,upload_part}'::text[] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY staff ON %I TO records_staff USING (true)', t);
        EXECUTE format('CREATE POLICY worker ON %I TO records_worker USING (true)', t);
    END LOOP;
    -- The list alone: OR-ing a flag into it costs a full scan.
    EXECUTE format('CREATE POLICY limited ON resource TO records_limited USING (patient = ANY (%s))', mine);
    EXECUTE format('CREATE POLICY limited ON resource_version TO records_limited USING (patient = ANY (%s))', mine);
    EXECUTE format('CREATE POLICY limited ON patient TO records_limited USING (id = ANY (%s))', mine);
END $$;
