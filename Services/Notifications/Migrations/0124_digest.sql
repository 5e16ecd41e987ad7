-- What somebody wants to hear of once a day, in one e-mail. A digest is a letter about a patient, whose version is its day where they live: 20261127.
ALTER TABLE preference ADD COLUMN daily text[] NOT NULL DEFAULT '{}';
ALTER TABLE consent ADD COLUMN daily text[];

ALTER TABLE letter
    DROP CONSTRAINT letter_state,
    ADD CONSTRAINT letter_state CHECK (state IN ('waiting', 'gathered', 'sent', 'bounced', 'dropped', 'failed', 'unknown')),
    -- The digest that tells of it.
    ADD COLUMN digest    uuid,
    -- Committed before the mail server has all of it: from then on it may have been sent.
    ADD COLUMN handed_at timestamptz,
    -- When the desk told by other means what no e-mail and no text did.
    ADD COLUMN told_at   timestamptz,
    ADD COLUMN told_by   uuid,
    -- Sent again although the first try may have been accepted. Never more than once.
    ADD COLUMN resends   int NOT NULL DEFAULT 0;
CREATE INDEX letter_digest ON letter (digest) WHERE digest IS NOT NULL;

CREATE INDEX letter_not_reached ON letter (happened_at) WHERE told_at IS NULL AND state IN ('failed', 'bounced');
-- That there is news in the portal, by text where no e-mail reaches.
ALTER TABLE text_notice
    DROP CONSTRAINT text_notice_kind,
    ADD CONSTRAINT text_notice_kind CHECK (kind IN ('message-waiting', 'portal-news'));

GRANT SELECT ON letter, text_notice TO notifications_staff;
GRANT UPDATE (told_at, told_by) ON letter TO notifications_staff;
CREATE POLICY staff ON letter FOR SELECT TO notifications_staff USING (true);
CREATE POLICY staff_tells ON letter FOR UPDATE TO notifications_staff USING (true);
CREATE POLICY staff ON text_notice FOR SELECT TO notifications_staff USING (true);

DO $$
BEGIN
    EXECUTE 'ALTER TABLE letter DROP CONSTRAINT letter_kind, ADD CONSTRAINT letter_kind CHECK (kind = ''digest'' OR '
        || (SELECT regexp_replace(pg_get_constraintdef(oid), '^CHECK ', '') FROM pg_constraint
            WHERE conname = 'letter_kind' AND conrelid = 'letter'::regclass) || ')';
END $$;
