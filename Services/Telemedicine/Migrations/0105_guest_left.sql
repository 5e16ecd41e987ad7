-- A guest may leave by themselves, and waits again when they come back.
ALTER TABLE call_guest
    DROP CONSTRAINT call_guest_state,
    ADD CONSTRAINT call_guest_state CHECK (state IN ('invited', 'waiting', 'admitted', 'left', 'removed'));
