-- A patient who is kept waiting for ten minutes is told, and chooses.
ALTER TABLE call
    -- Which start they were told of: a visit that is moved has another one.
    ADD COLUMN late_told_of timestamptz,
    ADD COLUMN late_choice  text COLLATE "C" CONSTRAINT call_late_choice CHECK (late_choice IN ('rebook', 'phone'));
