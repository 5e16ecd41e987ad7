-- What a patient speaks besides the language preferred, and whether an interpreter is needed. Rows of before say it once their Patient is written again.
ALTER TABLE patient
    ADD COLUMN also_speaks text[] NOT NULL DEFAULT '{}',
    ADD COLUMN interpreter boolean NOT NULL DEFAULT false;

-- Patients change these of their own row, too.
GRANT UPDATE (also_speaks, interpreter) ON patient TO records_limited;
