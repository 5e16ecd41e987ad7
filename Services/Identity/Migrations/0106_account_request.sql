-- Requests of people without a code: what they typed, sealed, until it is settled or 30 days have gone.
CREATE TABLE account_request (
    id         uuid CONSTRAINT account_request_id PRIMARY KEY,
    -- Sealed with the key that is nobody's: nobody knows yet whose it is. Gone once the request is settled.
    body       bytea,
    state      text COLLATE "C" NOT NULL DEFAULT 'asked'
               CONSTRAINT account_request_state CHECK (state IN ('asked', 'open', 'invited', 'closed')),
    asked_at   timestamptz NOT NULL DEFAULT now(),
    -- When the records are asked next whose chart it could be.
    next_at    timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    -- Code of why it was closed.
    reason     text COLLATE "C",
    -- Who of the staff settled it; null: it had all of one chart.
    settled_by uuid,
    CONSTRAINT account_request_settled CHECK ((state IN ('asked', 'open')) = (settled_at IS NULL)),
    CONSTRAINT account_request_body CHECK ((body IS NULL) = (settled_at IS NOT NULL))
);
CREATE INDEX account_request_next ON account_request (next_at) WHERE state = 'asked';
CREATE INDEX account_request_open ON account_request (asked_at) WHERE state = 'open';

ALTER TABLE letter
    -- The one whose code it carries.
    ADD COLUMN invitation uuid CONSTRAINT letter_invitation REFERENCES invitation ON DELETE CASCADE,
    -- It goes to the address that was typed there.
    ADD COLUMN request uuid CONSTRAINT letter_request REFERENCES account_request ON DELETE CASCADE,
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind
        CHECK (kind IN ('reset', 'reset-started', 'password-changed', 'second-factor-on', 'second-factor-off', 'recovery-code-used', 'invitation',
            'account-requested', 'account-exists'));
CREATE INDEX letter_of_invitation ON letter (invitation) WHERE invitation IS NOT NULL;
CREATE INDEX letter_of_request ON letter (request) WHERE request IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON account_request TO identity_worker;
GRANT SELECT (id, body, state, asked_at), UPDATE (body, state, settled_at, reason, settled_by) ON account_request TO identity_staff;
ALTER TABLE account_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_request FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON account_request TO identity_worker USING (true);
CREATE POLICY staff_reads ON account_request FOR SELECT TO identity_staff USING (true);
CREATE POLICY staff_settles ON account_request FOR UPDATE TO identity_staff USING (state = 'open') WITH CHECK (settled_by IS NOT NULL);
CREATE POLICY staff_invites ON letter FOR INSERT TO identity_staff WITH CHECK (kind = 'invitation' AND invitation IS NOT NULL);
