-- Kinds of visit that a patient books by themselves with an order of a clinician's, once an order.
ALTER TABLE visit_service
    ADD COLUMN by_order boolean NOT NULL GENERATED ALWAYS AS (coalesce((rules ->> 'byOrder')::boolean, false)) STORED;

CREATE TABLE order_ticket (
    -- The order's id; what it is for is in the record alone.
    id        uuid NOT NULL CONSTRAINT order_ticket_pkey PRIMARY KEY,
    patient   uuid NOT NULL,
    -- Null where nobody may book by it: it ended before it was given.
    service   text COLLATE "C" CONSTRAINT order_ticket_service REFERENCES visit_service,
    ended     boolean NOT NULL DEFAULT false,
    issued_at timestamptz NOT NULL DEFAULT now(),
    issued_by uuid
);
CREATE INDEX order_ticket_of ON order_ticket (patient, service) WHERE NOT ended;

ALTER TABLE appointment ADD COLUMN ticket uuid;
-- Who cancels may book again; who did not come asks the clinic.
CREATE UNIQUE INDEX appointment_ticket_once ON appointment (ticket) WHERE live AND ticket IS NOT NULL;

GRANT SELECT ON order_ticket TO scheduling_limited, scheduling_staff, scheduling_worker;
GRANT INSERT, UPDATE ON order_ticket TO scheduling_staff, scheduling_worker;
ALTER TABLE order_ticket ENABLE ROW LEVEL SECURITY;
ALTER TABLE order_ticket FORCE ROW LEVEL SECURITY;
CREATE POLICY limited ON order_ticket TO scheduling_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY staff ON order_ticket TO scheduling_staff USING (true);
CREATE POLICY worker ON order_ticket TO scheduling_worker USING (true);
