-- Visits that are booked over others take lanes of their own, from the hundredth on: no two of them the same, and none of those that are offered.

ALTER TABLE appointment ADD COLUMN override_reason text;
ALTER TABLE resource_time
    DROP CONSTRAINT resource_time_one_session,
    ADD CONSTRAINT resource_time_one_session EXCLUDE USING gist (resource WITH =, period WITH &&, session WITH <>) WHERE (lane < 100);

CREATE FUNCTION lane_over(of_resource uuid, at_period tstzrange) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT min(lane) FROM generate_series(100, 199) lane
    WHERE NOT EXISTS (SELECT FROM resource_time r WHERE r.resource = of_resource AND r.lane = lane.lane AND r.period && at_period)
$$;
