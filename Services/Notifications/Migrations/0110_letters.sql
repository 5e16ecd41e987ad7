-- More that is told by a letter of its own, each of it without what it is about: a message from the clinic, a bill, a time that is kept for somebody
-- who waits. The last is good until the time is not.
ALTER TABLE letter
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind CHECK (kind IN ('result-amended', 'message-waiting', 'invoice-issued', 'waitlist-offered')),
    ADD COLUMN good_until timestamptz;
