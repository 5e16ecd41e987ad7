-- A new password that an administrator starts for somebody: the code goes to the account's owner, and to nobody else.
ALTER TABLE letter
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind
        CHECK (kind IN ('reset', 'reset-started', 'password-changed', 'second-factor-on', 'second-factor-off', 'recovery-code-used'));
-- The administrator's account; null: its owner asked.
ALTER TABLE reset ADD COLUMN started_by uuid;

-- Staff may write one and end those before it. None of the hashes can be read by them.
GRANT INSERT ON letter TO identity_staff;
GRANT SELECT (account, closed_at), UPDATE (closed_at), INSERT ON reset TO identity_staff;
CREATE POLICY staff ON letter FOR INSERT TO identity_staff WITH CHECK (kind = 'reset-started');
CREATE POLICY staff_sees ON reset FOR SELECT TO identity_staff USING (true);
CREATE POLICY staff_ends ON reset FOR UPDATE TO identity_staff USING (true) WITH CHECK (closed_at IS NOT NULL);
CREATE POLICY staff_starts ON reset FOR INSERT TO identity_staff WITH CHECK (started_by IS NOT NULL);
