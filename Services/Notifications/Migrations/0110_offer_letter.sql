-- A time is kept for somebody who waits: a letter that is good until the time is not.
ALTER TABLE letter
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind CHECK (kind IN ('result-amended', 'waitlist-offered')),
    ADD COLUMN good_until timestamptz;
