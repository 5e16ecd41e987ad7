-- The chain of the audit trail. Writers add entries without waiting for one another; the sealer, alone, gives each its place once it is committed.

-- Why it was allowed: a code, such as care-team or break-glass.
ALTER TABLE audit_entry ADD COLUMN basis text COLLATE "C";

-- The order in which entries were begun: what the sealer has looked at. It says nothing about the order of commits. One index on the way of every
-- request is enough, so the id keeps none: two entries of one id are found when the trail is verified.
ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_pkey;
ALTER TABLE audit_entry ADD COLUMN seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;

-- Insert only, for everyone.
CREATE TABLE audit_link (
    -- 1, 2, 3 … without a gap.
    position  bigint PRIMARY KEY,
    entry     bigint NOT NULL UNIQUE,
    -- SHA-256 of the link before it and of the entry.
    link      bytea NOT NULL CHECK (octet_length(link) = 32),
    -- The last entry of what was sealed at once: a signature over its position and link, which stands for all before it.
    signed_at timestamptz,
    signature bytea,
    CONSTRAINT audit_link_signed CHECK ((signed_at IS NULL) = (signature IS NULL))
);

-- Where a sealer that starts begins to look: every entry up to this `seq` has its place or will never be committed. No more than a hint, and no
-- part of the trail.
CREATE TABLE audit_resume (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL
);
INSERT INTO audit_resume (seq) VALUES (0);

DO $$
DECLARE
    service text := current_schema();
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON audit_link TO %I', service || '_worker');
    EXECUTE format('GRANT SELECT, UPDATE (seq) ON audit_resume TO %I', service || '_worker');
    ALTER TABLE audit_link ENABLE ROW LEVEL SECURITY;
    ALTER TABLE audit_link FORCE ROW LEVEL SECURITY;
    EXECUTE format('CREATE POLICY worker ON audit_link FOR SELECT TO %I USING (true)', service || '_worker');
    EXECUTE format('CREATE POLICY append ON audit_link FOR INSERT TO %I WITH CHECK (true)', service || '_worker');
END $$;
