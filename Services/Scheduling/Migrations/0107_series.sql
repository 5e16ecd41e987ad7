-- Visits that were booked together. Each stays a visit of its own.

ALTER TABLE appointment ADD COLUMN series uuid;
CREATE INDEX appointment_of_series ON appointment (series) WHERE series IS NOT NULL;
