-- Told by a letter of its own: another time is kept in place of a visit that cannot be as it is.
ALTER TABLE letter
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind CHECK (kind IN ('result-amended', 'message-waiting', 'invoice-issued', 'waitlist-offered', 'visit-unkept'));
