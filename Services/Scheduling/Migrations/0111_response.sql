-- The start that the patient has said they come to (FHIR participant status "accepted"); of another time it says nothing.
ALTER TABLE appointment ADD COLUMN accepted_start timestamptz;
