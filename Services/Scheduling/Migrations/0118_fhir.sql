-- What FHIR asks of visits and times beside what is there: when a visit was last changed, and ids for what is computed and has no row.

ALTER TABLE appointment ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
-- This role reads every row for as long as it takes to fill the column: the policies are for the roles that serve people.
ALTER TABLE appointment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment_mark NO FORCE ROW LEVEL SECURITY;
UPDATE appointment a SET changed_at = coalesce((SELECT max(m.at) FROM appointment_mark m WHERE m.appointment = a.id), a.made_at);
ALTER TABLE appointment FORCE ROW LEVEL SECURITY;
ALTER TABLE appointment_mark FORCE ROW LEVEL SECURITY;

-- Here, so that an older instance of the service keeps it too.
CREATE FUNCTION note_appointment_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER note_appointment_change BEFORE UPDATE ON appointment FOR EACH ROW
    WHEN (NEW.version <> OLD.version OR NEW.accepted_start IS DISTINCT FROM OLD.accepted_start) EXECUTE FUNCTION note_appointment_change();

-- A clinician's hours at a place, under whatever publications: a UUID of version 8.
CREATE FUNCTION schedule_id(practitioner uuid, location uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(set_byte(set_byte(d.digest, 6, (get_byte(d.digest, 6) & 15) | 128), 8, (get_byte(d.digest, 8) & 63) | 128), 'hex')::uuid
    FROM (SELECT substring(sha256(uuid_send(practitioner) || uuid_send(location)) FROM 1 FOR 16) AS digest) d
$$;

-- A time for a kind of visit: its schedule, the minutes since 1970 and a digest of the kind, so that it can be found again by its id.
CREATE FUNCTION slot_id(practitioner uuid, location uuid, service text, start_at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT schedule_id(practitioner, location)::text || '.' || floor(extract(epoch FROM start_at) / 60)::bigint::text || '.'
        || left(encode(sha256(service::bytea), 'hex'), 16)
$$;
