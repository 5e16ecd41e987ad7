-- A private calendar: whoever has its link reads when the visits of one patient are. The link itself is kept nowhere.
CREATE TABLE visit_feed (
    patient  uuid CONSTRAINT visit_feed_once PRIMARY KEY,
    -- SHA-256 of the link's secret.
    digest   bytea NOT NULL CONSTRAINT visit_feed_digest UNIQUE CONSTRAINT visit_feed_digest_size CHECK (octet_length(digest) = 32),
    -- Of its words.
    language text COLLATE "C" NOT NULL CONSTRAINT visit_feed_language CHECK (length(language) BETWEEN 2 AND 12),
    made_at  timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE, DELETE ON visit_feed TO scheduling_limited;
GRANT SELECT ON visit_feed TO scheduling_worker;
ALTER TABLE visit_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit_feed FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON visit_feed TO scheduling_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY worker ON visit_feed FOR SELECT TO scheduling_worker USING (true);
