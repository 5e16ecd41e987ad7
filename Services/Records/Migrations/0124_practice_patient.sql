-- A patient who is no person: a chart to try things on. It is one from its first version on, and for good: a real chart is never hidden from lists,
-- and a chart that was practised on is never taken for real.
ALTER TABLE patient ADD COLUMN practice boolean NOT NULL DEFAULT false;
CREATE INDEX patient_practice ON patient (id) WHERE practice;

CREATE FUNCTION patient_practice_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'whether a patient is for practice does not change' USING ERRCODE = 'check_violation', CONSTRAINT = 'patient_practice_stays';
END $$;
CREATE TRIGGER patient_practice_stays BEFORE UPDATE OF practice ON patient FOR EACH ROW
    WHEN (OLD.practice IS DISTINCT FROM NEW.practice) EXECUTE FUNCTION patient_practice_stays();
