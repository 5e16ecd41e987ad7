-- How sensitive a resource is, as the bits of the kinds' numbers; decided when it is written.
ALTER TABLE resource ADD COLUMN sensitivity int NOT NULL DEFAULT 0;

-- Why the glass was broken, in a code and in words (sealed), and what became of the review.
ALTER TABLE broken_glass
    ADD COLUMN practitioner uuid,
    ADD COLUMN role         text COLLATE "C",
    ADD COLUMN reason       text COLLATE "C",
    ADD COLUMN words        bytea,
    ADD COLUMN finding      text COLLATE "C" CONSTRAINT broken_glass_finding CHECK (finding IN ('justified', 'notJustified')),
    ADD COLUMN reviewed_at  timestamptz,
    ADD COLUMN reviewed_by  uuid,
    ADD CONSTRAINT broken_glass_review CHECK ((finding IS NULL) = (reviewed_at IS NULL));
CREATE INDEX broken_glass_open ON broken_glass (at) WHERE finding IS NULL;
GRANT INSERT ON broken_glass TO records_staff;
GRANT UPDATE (finding, reviewed_at, reviewed_by) ON broken_glass TO records_staff;

-- Patients say who may see their record; of the record itself they write their Consent and nothing else.
GRANT SELECT, INSERT, DELETE ON consent_rule TO records_limited;
GRANT SELECT ON care TO records_limited;
GRANT INSERT, UPDATE ON resource TO records_limited;
GRANT INSERT ON resource_version TO records_limited;
CREATE POLICY consent_alone ON resource AS RESTRICTIVE FOR INSERT TO records_limited WITH CHECK (type = 'Consent');
CREATE POLICY consent_alone_again ON resource AS RESTRICTIVE FOR UPDATE TO records_limited USING (type = 'Consent') WITH CHECK (type = 'Consent');
CREATE POLICY consent_alone ON resource_version AS RESTRICTIVE FOR INSERT TO records_limited WITH CHECK (type = 'Consent');
