-- That a visit could not be cancelled by an answer to a message, so that whoever gave it calls: one an answer, by its id.
ALTER TABLE text_notice
    DROP CONSTRAINT text_notice_kind,
    ADD CONSTRAINT text_notice_kind CHECK (kind IN ('message-waiting', 'portal-news', 'visit-not-cancelled'));
