-- Whether there is a photo, so that pages know before they ask for it. The picture itself is in the sealed Patient.
ALTER TABLE patient ADD COLUMN photo boolean NOT NULL DEFAULT false;
