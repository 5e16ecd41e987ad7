-- That there is a statement is told by a letter of its own; the other kinds stay what they are.
DO $$
BEGIN
    EXECUTE 'ALTER TABLE letter DROP CONSTRAINT letter_kind, ADD CONSTRAINT letter_kind CHECK (kind = ''statement-made'' OR '
        || (SELECT regexp_replace(pg_get_constraintdef(oid), '^CHECK ', '') FROM pg_constraint
            WHERE conname = 'letter_kind' AND conrelid = 'letter'::regclass) || ')';
END $$;
