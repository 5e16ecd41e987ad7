-- A document of the record that came with a message. Its name is sealed.
ALTER TABLE message
    ADD COLUMN attachment uuid,
    ADD COLUMN attachment_name bytea,
    ADD CONSTRAINT message_attachment_named CHECK ((attachment IS NULL) = (attachment_name IS NULL));
