-- A booked visit is written up once: whoever begins second is led to the encounter that there is.
CREATE TABLE encounter_of_visit (
    patient     uuid NOT NULL,
    appointment uuid NOT NULL,
    encounter   uuid NOT NULL,
    CONSTRAINT encounter_of_visit_once PRIMARY KEY (patient, appointment)
);
GRANT SELECT, INSERT ON encounter_of_visit TO records_staff;
GRANT SELECT ON encounter_of_visit TO records_worker;
ALTER TABLE encounter_of_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE encounter_of_visit FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON encounter_of_visit TO records_staff USING (true);
CREATE POLICY worker ON encounter_of_visit TO records_worker USING (true);
