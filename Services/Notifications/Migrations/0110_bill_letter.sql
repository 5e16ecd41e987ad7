-- That there is a bill; not of what, and not how much.
ALTER TABLE letter DROP CONSTRAINT letter_kind;
ALTER TABLE letter ADD CONSTRAINT letter_kind CHECK (kind IN ('result-amended', 'invoice-issued'));
