-- Devices that stand in for a second factor, for 30 days at most. Only hashes: this table is of no use as a cookie.
CREATE TABLE device (
    id            uuid CONSTRAINT device_id PRIMARY KEY,
    account       uuid NOT NULL CONSTRAINT device_account REFERENCES account,
    audience      text COLLATE "C" NOT NULL CONSTRAINT device_audience CHECK (audience IN ('portal', 'clinic')),
    token_hash    bytea NOT NULL,
    remembered_at timestamptz NOT NULL DEFAULT now(),
    last_used_at  timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    CONSTRAINT device_token UNIQUE (token_hash),
    CONSTRAINT device_expiry CHECK (expires_at <= remembered_at + interval '30 days')
);
CREATE INDEX device_of_account ON device (account);
CREATE INDEX device_expires ON device (expires_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON device TO identity_worker;
ALTER TABLE device ENABLE ROW LEVEL SECURITY;
ALTER TABLE device FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON device TO identity_worker USING (true);
