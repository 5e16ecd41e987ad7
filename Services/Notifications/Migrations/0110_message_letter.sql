-- That the clinic wrote a message in the portal is told by a letter too; what it says is told nowhere but there.
ALTER TABLE letter DROP CONSTRAINT letter_kind, ADD CONSTRAINT letter_kind CHECK (kind IN ('result-amended', 'message-waiting'));
