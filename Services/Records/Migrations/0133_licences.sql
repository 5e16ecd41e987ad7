-- Where somebody is licensed to see patients: every version there was, with who wrote it. Of no patient. Nobody may change or remove one.
CREATE TABLE licence_version (
    practitioner uuid NOT NULL,
    version      int NOT NULL CONSTRAINT licence_version_first CHECK (version > 0),
    at           timestamptz NOT NULL DEFAULT now(),
    account      uuid NOT NULL,
    -- Postal codes.
    regions      text[] COLLATE "C" NOT NULL,
    CONSTRAINT licence_version_once PRIMARY KEY (practitioner, version)
);

GRANT SELECT, INSERT ON licence_version TO records_staff;
