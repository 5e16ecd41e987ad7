-- An e-mail's own header ends messages of its kind, by one click in the reader's mailbox.
ALTER TABLE consent DROP CONSTRAINT consent_means;
ALTER TABLE consent ADD CONSTRAINT consent_means CHECK (means IN ('portal', 'clinic', 'text', 'one-click'));
