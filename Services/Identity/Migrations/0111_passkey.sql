-- Passkeys: public keys alone, of no use to whoever reads them.
CREATE TABLE passkey (
    id           uuid CONSTRAINT passkey_id PRIMARY KEY,
    account      uuid NOT NULL CONSTRAINT passkey_account REFERENCES account,
    credential   bytea NOT NULL CONSTRAINT passkey_credential_length CHECK (length(credential) BETWEEN 16 AND 1023),
    -- X9.63, of P-256.
    public_key   bytea NOT NULL,
    -- What the authenticator counted at its last use; many do not count and say 0.
    signatures   bigint NOT NULL,
    label        text NOT NULL CONSTRAINT passkey_label CHECK (length(label) BETWEEN 1 AND 60),
    added_at     timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    CONSTRAINT passkey_credential UNIQUE (credential)
);
CREATE INDEX passkey_of_account ON passkey (account);

GRANT SELECT, INSERT, UPDATE, DELETE ON passkey TO identity_worker;
ALTER TABLE passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON passkey TO identity_worker USING (true);

ALTER TABLE letter
    DROP CONSTRAINT letter_kind,
    ADD CONSTRAINT letter_kind
        CHECK (kind IN ('reset', 'reset-started', 'password-changed', 'second-factor-on', 'second-factor-off', 'recovery-code-used', 'invitation',
            'account-requested', 'account-exists', 'proxy-invitation', 'proxy-granted', 'proxy-withdrawn', 'passkey-added', 'passkey-removed'));
