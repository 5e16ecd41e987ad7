-- A note stays with whoever began it (`account`, `practitioner`), whoever saves it: who saved it last holds it for a while.
ALTER TABLE note_draft
    ADD COLUMN held_by              uuid,
    ADD COLUMN held_by_practitioner uuid;
-- This role reads every row for as long as it takes to fill the columns: the policies are for the roles that serve people.
ALTER TABLE note_draft NO FORCE ROW LEVEL SECURITY;
UPDATE note_draft SET held_by = account, held_by_practitioner = practitioner;
ALTER TABLE note_draft FORCE ROW LEVEL SECURITY;
CREATE INDEX ON note_draft (held_by);
