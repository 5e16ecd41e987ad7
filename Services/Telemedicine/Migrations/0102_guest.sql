-- Who was asked into a call beside the two: by a link that is good once. Of its secret, and of what the guest's browser has, digests alone are kept.

CREATE TABLE call_guest (
    id            uuid CONSTRAINT call_guest_once PRIMARY KEY,
    call          uuid NOT NULL CONSTRAINT call_guest_of REFERENCES call,
    patient       uuid NOT NULL,
    -- As whoever asked them in calls them. Sealed.
    name          bytea NOT NULL,
    kind          text COLLATE "C" NOT NULL CONSTRAINT call_guest_kind CHECK (kind IN ('interpreter', 'family', 'other')),
    state         text COLLATE "C" NOT NULL DEFAULT 'invited' CONSTRAINT call_guest_state CHECK (state IN
        ('invited', 'waiting', 'admitted', 'removed')),
    is_patients   boolean NOT NULL,
    invited_by    uuid NOT NULL,
    invited_at    timestamptz NOT NULL DEFAULT now(),
    digest        bytea NOT NULL CONSTRAINT call_guest_link UNIQUE,
    -- Of the one browser that used the link.
    session       bytea CONSTRAINT call_guest_session UNIQUE,
    used_at       timestamptz,
    admitted_at   timestamptz,
    admitted_by   uuid,
    removed_at    timestamptz,
    guest_window  uuid,
    guest_opening uuid,
    CONSTRAINT call_guest_was_let_in CHECK (state <> 'admitted' OR num_nulls(session, used_at, admitted_at, admitted_by) = 0),
    CONSTRAINT call_guest_is_gone CHECK ((state = 'removed') = (removed_at IS NOT NULL))
);
CREATE INDEX call_guest_of_call ON call_guest (call);

-- Whose a signal is: what is in it does not say that. NULL of one that was there before.
ALTER TABLE signal ADD COLUMN "from" uuid;

GRANT SELECT, INSERT, UPDATE ON call_guest TO telemedicine_limited, telemedicine_staff, telemedicine_worker;
ALTER TABLE call_guest ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_guest FORCE ROW LEVEL SECURITY;
CREATE POLICY staff ON call_guest TO telemedicine_staff USING (true);
CREATE POLICY worker ON call_guest TO telemedicine_worker USING (true);
CREATE POLICY limited ON call_guest TO telemedicine_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
