-- Reminders of visits near each other go in one message, where they are one person's or those of people who are reached at one address: the intent
-- under whose id it went, and of how many visits it told. Addresses and numbers stand here only as keyed hashes.
ALTER TABLE intent
    ADD COLUMN leader uuid,
    ADD COLUMN visits int,
    ADD CONSTRAINT intent_together CHECK (num_nonnulls(leader, visits) IN (0, 2));
CREATE INDEX intent_leader ON intent (leader) WHERE leader IS NOT NULL;
ALTER TABLE contact
    ADD COLUMN email bytea,
    ADD COLUMN phone bytea;
CREATE INDEX contact_email ON contact (email) WHERE email IS NOT NULL;
CREATE INDEX contact_phone ON contact (phone) WHERE phone IS NOT NULL;
