-- Whom no message reached, until somebody at the clinic has told them.
ALTER TABLE intent
    ADD COLUMN told_at timestamptz,
    ADD COLUMN told_by uuid;
CREATE INDEX intent_not_reached ON intent (starts_at) WHERE told_at IS NULL AND state IN ('failed', 'bounced', 'suppressed');
GRANT UPDATE (told_at, told_by) ON intent TO notifications_staff;
CREATE POLICY staff_tells ON intent FOR UPDATE TO notifications_staff USING (true);
