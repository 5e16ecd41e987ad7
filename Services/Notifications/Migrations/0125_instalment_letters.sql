-- That an instalment is due soon, or is late, is told by letters of their own; the other kinds stay what they are.
DO $$
BEGIN
    EXECUTE 'ALTER TABLE letter DROP CONSTRAINT letter_kind, ADD CONSTRAINT letter_kind CHECK '
        || '(kind IN (''instalment-coming'', ''instalment-late'') OR '
        || (SELECT regexp_replace(pg_get_constraintdef(oid), '^CHECK ', '') FROM pg_constraint
            WHERE conname = 'letter_kind' AND conrelid = 'letter'::regclass) || ')';
END $$;
