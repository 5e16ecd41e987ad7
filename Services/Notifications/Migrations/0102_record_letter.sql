-- Letters about a record, that this service writes itself: to whom, and which version of what they are about. Still no words and no addresses.
ALTER TABLE letter
    ADD COLUMN patient     uuid,
    ADD COLUMN kind        text COLLATE "C" CONSTRAINT letter_kind CHECK (kind IN ('result-amended')),
    ADD COLUMN about       uuid,
    ADD COLUMN version     int,
    -- Who could not look before has nothing to be told.
    ADD COLUMN happened_at timestamptz,
    ADD CONSTRAINT letter_whole CHECK (num_nonnulls(patient, kind, about, version, happened_at) IN (0, 5)),
    -- However often it is heard.
    ADD CONSTRAINT letter_once UNIQUE (about, version);
