-- What administrators set has versions, and says who set it. Nothing here is about a patient.

ALTER TABLE visit_service ADD COLUMN version int NOT NULL DEFAULT 1;

-- Every version there was; the one before says what it said before. Nobody may change or remove one.
CREATE TABLE visit_service_version (
    code    text COLLATE "C" NOT NULL CONSTRAINT visit_service_version_of REFERENCES visit_service,
    version int NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    -- NULL: the operator.
    account uuid,
    names   jsonb NOT NULL,
    minutes int NOT NULL,
    CONSTRAINT visit_service_version_once PRIMARY KEY (code, version)
);
INSERT INTO visit_service_version (code, version, names, minutes) SELECT code, version, names, minutes FROM visit_service;
GRANT SELECT, INSERT ON visit_service_version TO scheduling_staff, scheduling_worker;

-- A publication is a version already: what comes later shortens its days, and nothing else of it changes. The days it was published for stay too.
ALTER TABLE publication
    ADD COLUMN version   int,
    ADD COLUMN account   uuid,
    ADD COLUMN first_day date,
    ADD COLUMN last_day  date;
UPDATE publication p SET version = numbered.version,
    first_day = coalesce(lower(valid), published_at::date), last_day = coalesce(upper(valid) - 1, published_at::date)
FROM (SELECT id, row_number() OVER (PARTITION BY practitioner, location ORDER BY published_at, id) AS version FROM publication) numbered
WHERE numbered.id = p.id;
ALTER TABLE publication
    ALTER COLUMN version SET NOT NULL,
    ALTER COLUMN first_day SET NOT NULL,
    ALTER COLUMN last_day SET NOT NULL,
    ADD CONSTRAINT publication_version_once UNIQUE (practitioner, location, version);

-- Numbered here, so that an older instance of the service numbers too; whoever publishes holds the clinician's lock.
CREATE FUNCTION number_publication() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(max(p.version), 0) + 1 INTO NEW.version FROM publication p
    WHERE p.practitioner = NEW.practitioner AND p.location = NEW.location;
    NEW.first_day := lower(NEW.valid);
    NEW.last_day := upper(NEW.valid) - 1;
    RETURN NEW;
END $$;
CREATE TRIGGER number_publication BEFORE INSERT ON publication FOR EACH ROW EXECUTE FUNCTION number_publication();
