-- As before, in the language whose statements PostgreSQL plans once a connection: a function of plain SQL that is not inlined is planned anew by every
-- statement that calls it, which cost a hold more than all it looks for.

CREATE OR REPLACE FUNCTION instant_of(wall timestamp, zone text) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    one timestamptz := wall AT TIME ZONE zone;
    -- As if the offset of the day before still held.
    other timestamptz := (wall - ((one - interval '1 day') AT TIME ZONE zone - (one - interval '1 day') AT TIME ZONE 'UTC'))
        AT TIME ZONE 'UTC';
BEGIN
    IF one = other AND one AT TIME ZONE zone = wall THEN RETURN one; END IF;
    RETURN (SELECT min(candidate) FROM (VALUES (one), (other)) AS candidates (candidate) WHERE candidate AT TIME ZONE zone = wall);
END
$$;

CREATE OR REPLACE FUNCTION free_lane(of_resource uuid, at_period tstzrange, seats int) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF seats = 1 THEN RETURN 1; END IF;
    RETURN (
        SELECT coalesce(min(lane), 1) FROM generate_series(1, seats) lane
        WHERE NOT EXISTS (SELECT FROM resource_time r WHERE r.resource = of_resource AND r.lane = lane.lane AND r.period && at_period));
END
$$;
