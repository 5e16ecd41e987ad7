-- A call is a visit by video: one for each appointment whose kind is one. Its state is kept here and nowhere else.

CREATE TABLE call (
    -- The appointment's.
    id                  uuid CONSTRAINT call_once PRIMARY KEY,
    version             int NOT NULL DEFAULT 1,
    patient             uuid NOT NULL,
    practitioner        uuid,
    location            uuid,
    -- Of the appointment as scheduling told it last.
    appointment_version int NOT NULL,
    start_at            timestamptz,
    end_at              timestamptz,
    zone                text COLLATE "C",
    -- NULL until scheduling has said what kind of visit it is.
    is_video            boolean,
    ask_at              timestamptz,
    state               text COLLATE "C" NOT NULL DEFAULT 'scheduled' CONSTRAINT call_state CHECK (state IN
        ('scheduled', 'waiting', 'admitted', 'live', 'reconnecting', 'ended', 'cancelled', 'missedPatient', 'missedClinician')),
    -- Where the patient says they are. Sealed.
    place               bytea,
    consented_at        timestamptz,
    waiting_since       timestamptz,
    started_at          timestamptz,
    ended_at            timestamptz,
    -- The newest window of each side; another one takes its place.
    patient_window      uuid,
    clinician_window    uuid,
    -- Which opening of the window it was: a page that lost its connection opens the same window again.
    patient_opening     uuid,
    clinician_opening   uuid,
    CONSTRAINT call_has_time CHECK (state = 'cancelled' OR num_nulls(start_at, end_at, zone, practitioner, location) = 0),
    CONSTRAINT call_waits_with_consent CHECK (state IN ('scheduled', 'cancelled', 'missedPatient') OR consented_at IS NOT NULL)
);
CREATE INDEX call_of_patient ON call (patient, start_at);
CREATE INDEX call_to_ask ON call (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX call_open ON call (end_at) WHERE state IN ('scheduled', 'waiting', 'admitted', 'live', 'reconnecting');

-- Lets one person open one window, once, within half a minute.
CREATE TABLE call_ticket (
    -- SHA-256 of the secret, which only the browser has.
    digest     bytea CONSTRAINT call_ticket_once PRIMARY KEY,
    call       uuid NOT NULL CONSTRAINT call_ticket_of REFERENCES call,
    patient    uuid NOT NULL,
    account    uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX call_ticket_expiry ON call_ticket (expires_at);

-- What one window has for the other: offers, answers, candidates. Gone with the call.
CREATE TABLE signal (
    id       uuid CONSTRAINT signal_once PRIMARY KEY,
    position bigint GENERATED ALWAYS AS IDENTITY,
    call     uuid NOT NULL CONSTRAINT signal_of REFERENCES call,
    patient  uuid NOT NULL,
    "to"     uuid NOT NULL,
    -- Sealed.
    body     bytea NOT NULL
);
CREATE INDEX signal_for ON signal ("to", position);
CREATE INDEX signal_of_call ON signal (call);

GRANT SELECT, INSERT, UPDATE ON call, call_ticket TO telemedicine_limited, telemedicine_staff, telemedicine_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON signal TO telemedicine_limited, telemedicine_staff, telemedicine_worker;
GRANT DELETE ON call_ticket TO telemedicine_worker;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['call', 'call_ticket', 'signal'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY staff ON %I TO telemedicine_staff USING (true)', name);
        EXECUTE format('CREATE POLICY worker ON %I TO telemedicine_worker USING (true)', name);
        EXECUTE format(
            'CREATE POLICY limited ON %I TO telemedicine_limited '
            'USING (patient = ANY ((SELECT string_to_array(nullif(current_setting(%L, true), %L), %L)::uuid[])::uuid[]))',
            name, 'chartline.patients', '', ',');
    END LOOP;
END $$;
