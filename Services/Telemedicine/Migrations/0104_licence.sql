-- Where those who see patients are licensed, as records told it last. Of no patient.
CREATE TABLE licence (
    practitioner uuid CONSTRAINT licence_once PRIMARY KEY,
    version      int NOT NULL,
    -- Postal codes.
    regions      text[] COLLATE "C" NOT NULL
);
GRANT SELECT ON licence TO telemedicine_staff;
GRANT SELECT, INSERT, UPDATE ON licence TO telemedicine_worker;

-- In which state the patient says they are. Sealed, as the place is. NULL: they were not asked.
ALTER TABLE call ADD COLUMN region bytea;
