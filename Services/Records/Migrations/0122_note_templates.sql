-- What notes begin with, as administrators write it. Of no patient.
CREATE TABLE note_template (
    id      uuid CONSTRAINT note_template_once PRIMARY KEY,
    version int NOT NULL,
    title   text NOT NULL,
    reason  text NOT NULL,
    retired boolean NOT NULL
);
CREATE UNIQUE INDEX note_template_title ON note_template (lower(title)) WHERE NOT retired;

-- Every version there was, with who wrote it; the one before says what it said before. Nobody may change or remove one.
CREATE TABLE note_template_version (
    template uuid NOT NULL CONSTRAINT note_template_version_of REFERENCES note_template,
    version  int NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    account  uuid NOT NULL,
    body     bytea NOT NULL,
    CONSTRAINT note_template_version_once PRIMARY KEY (template, version)
);

GRANT SELECT, INSERT, UPDATE ON note_template TO records_staff;
GRANT SELECT, INSERT ON note_template_version TO records_staff;
