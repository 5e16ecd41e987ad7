-- Invitations of people who are to work here say who they are, so that the account they open says it too.
ALTER TABLE invitation
    ADD COLUMN display_name text,
    ADD COLUMN practitioner uuid;

-- One person, one account that is open.
CREATE UNIQUE INDEX account_practitioner ON account (practitioner) WHERE state <> 'closed' AND practitioner IS NOT NULL;

-- Administrators see who works here, and close accounts of those who leave. No hash can be read by them.
GRANT SELECT (id, username, role, display_name, practitioner), UPDATE (state) ON account TO identity_staff;
CREATE POLICY staff_closes ON account FOR UPDATE TO identity_staff USING (role <> 'patient') WITH CHECK (state = 'closed');
GRANT SELECT (role, display_name, practitioner) ON invitation TO identity_staff;
GRANT SELECT (id, account, ended_at), UPDATE (ended_at, ended) ON session TO identity_staff;
CREATE POLICY staff_sees ON session FOR SELECT TO identity_staff USING (true);
CREATE POLICY staff_ends ON session FOR UPDATE TO identity_staff USING (true) WITH CHECK (ended = 'disabled');
