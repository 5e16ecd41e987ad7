-- Who waits for a time, a visit that the clinic books, or a call; and the times that are offered to those who wait.

-- Patients ask for a kind of visit, and the clinic books it.
ALTER TABLE visit_service
    ADD COLUMN by_request boolean GENERATED ALWAYS AS (coalesce((rules ->> 'byRequest')::boolean, false)) STORED;

CREATE TABLE waiting (
    id            uuid CONSTRAINT waiting_once PRIMARY KEY,
    patient       uuid NOT NULL,
    kind          text COLLATE "C" NOT NULL CONSTRAINT waiting_kind CHECK (kind IN ('list', 'request', 'call')),
    -- NULL of a call about anything.
    service       text COLLATE "C" CONSTRAINT waiting_service REFERENCES visit_service,
    -- NULL: anybody, anywhere.
    practitioner  uuid,
    location      uuid,
    -- The booked visit that is to be sooner; NULL where there is none yet.
    visit         uuid CONSTRAINT waiting_visit REFERENCES appointment,
    first_day     date NOT NULL,
    last_day      date NOT NULL,
    -- ISO weekdays; none for any.
    weekdays      bigint[] NOT NULL DEFAULT '{}',
    part          text COLLATE "C" NOT NULL DEFAULT 'any' CONSTRAINT waiting_part CHECK (part IN ('any', 'morning', 'afternoon')),
    made_by       uuid,
    -- The order in which they are served.
    joined_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Until when the clinic has said it calls, with the wall time it said it in.
    promised_at   timestamptz,
    promised_wall timestamp,
    promised_zone text COLLATE "C",
    state         text COLLATE "C" NOT NULL DEFAULT 'open' CONSTRAINT waiting_state CHECK (state IN ('open', 'done', 'left', 'ended')),
    -- Why the service ended it: visit-gone, past, no-answer.
    reason        text COLLATE "C",
    answer        text COLLATE "C",
    ended_at      timestamptz,
    ended_by      uuid
);
CREATE UNIQUE INDEX waiting_one_open ON waiting (patient, kind, coalesce(service, '')) WHERE state = 'open';
CREATE INDEX waiting_in_order ON waiting (joined_at, id) WHERE state = 'open';

-- A time kept for somebody. It is an appointment that takes the clinician's time and, not being live, none of the patient's: they may be booked then
-- already. It is booked itself when it is taken, or the visit that was to be sooner gets its time.
CREATE TABLE offer (
    offer   uuid CONSTRAINT offer_once PRIMARY KEY CONSTRAINT offer_of REFERENCES appointment,
    waiting uuid NOT NULL CONSTRAINT offer_to REFERENCES waiting,
    patient uuid NOT NULL,
    until   timestamptz NOT NULL,
    outcome text COLLATE "C" CONSTRAINT offer_outcome CHECK (outcome IN ('taken', 'declined', 'lapsed', 'withdrawn'))
);
CREATE UNIQUE INDEX offer_one_open ON offer (waiting) WHERE outcome IS NULL;
CREATE INDEX offer_of_waiting ON offer (waiting);

GRANT SELECT, INSERT, UPDATE ON waiting, offer TO scheduling_limited, scheduling_staff, scheduling_worker;
ALTER TABLE waiting ENABLE ROW LEVEL SECURITY;
ALTER TABLE waiting FORCE ROW LEVEL SECURITY;
ALTER TABLE offer ENABLE ROW LEVEL SECURITY;
ALTER TABLE offer FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON waiting TO scheduling_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY limited ON offer TO scheduling_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON waiting TO scheduling_staff USING (true);
CREATE POLICY staff ON offer TO scheduling_staff USING (true);
CREATE POLICY worker ON waiting TO scheduling_worker USING (true);
CREATE POLICY worker ON offer TO scheduling_worker USING (true);
