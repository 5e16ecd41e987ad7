-- What Chartline's services send for `booking`, `chart` and `messages`, statement by statement, in the order they are sent. The pgbench script of
-- `limit`, the Python and the Go services all take their statements from here, so that a change to Chartline's is made in one place; deploy/bench
-- compares the rows each system leaves for a unit of work and says so when they differ.

-- name: role
SELECT set_config('role', $1, true), set_config('chartline.patients', $2, true)

-- name: audit
INSERT INTO audit_entry (id, at, issuer, role, account, session, purpose, basis, action, patients, outcome, reason, trace, mac)
VALUES ($1::uuid, now(), 'identity', $2, $3::uuid, $4::uuid, $5, NULL, $6, $7::uuid[], 'done', NULL, $8, $9::bytea)

-- name: session
WITH used AS (
    UPDATE session SET last_used_at = now(), expires_idle = least(now() + make_interval(secs => 1800), expires_absolute)
    WHERE handle_hash = $1::bytea AND audience = 'portal' AND ended_at IS NULL AND expires_idle > now()
        AND last_used_at < now() - interval '1 minute'
    RETURNING id, expires_idle)
SELECT s.id, s.account, s.username, s.display_name, s.role, s.patient, s.practitioner, s.language, coalesce(u.expires_idle, s.expires_idle)
FROM open_session s LEFT JOIN used u ON u.id = s.id
WHERE s.handle_hash = $1::bytea AND s.audience = 'portal' AND s.needs IS NULL

-- name: lock_patient
SELECT pg_advisory_xact_lock(2, hashtext($1))

-- name: lock_day
SELECT pg_advisory_xact_lock(3, hashtext($1))

-- name: lock_place
SELECT pg_advisory_xact_lock(4, hashtext($1)) FROM visit_service WHERE code = $2 AND needs <> '[]'

-- name: free_hold
UPDATE appointment SET live = false WHERE patient = $1::uuid AND status = 'pending' AND live AND hold_until <= clock_timestamp()

-- name: free_time
DELETE FROM resource_time
WHERE resource = $1::uuid AND hold_until <= clock_timestamp()
    AND period && (SELECT tstzrange($2::timestamptz - make_interval(mins => minutes_before),
            $2::timestamptz + make_interval(mins => minutes + minutes_after)) FROM visit_service WHERE code = $3)

-- name: free_place
DELETE FROM resource_time WHERE is_other AND hold_until <= clock_timestamp() AND resource IN (
    SELECT r.id FROM resource r JOIN visit_service v ON v.code = $1 AND v.needs <> '[]' WHERE r.location = $2::uuid)

-- name: hold
WITH wanted AS MATERIALIZED (
    SELECT o.* FROM (SELECT o.* FROM (SELECT DISTINCT zone FROM publication WHERE practitioner = $3::uuid AND location = $4::uuid) z
        CROSS JOIN LATERAL offered($5, $3::uuid, $4::uuid, ($6::timestamptz AT TIME ZONE z.zone)::date, 1) o
        WHERE o.zone = z.zone AND o.start_at = $6::timestamptz AND o.start_at >= now() + make_interval(mins => o.notice_minutes)
            AND o.start_at < now() + make_interval(days => least(180, o.horizon_days))
            AND NOT EXISTS (SELECT FROM leave l WHERE l.practitioner = o.practitioner AND l.period && o.takes)
            AND NOT EXISTS (SELECT FROM resource_time r WHERE r.resource = $3::uuid AND NOT r.is_other AND r.lane >= 100
                AND r.period && o.takes AND r.appointment <> $1::uuid)
            AND NOT EXISTS (SELECT FROM needed($5, o.location, o.takes, coalesce(o.session, $1::uuid::text)) n WHERE n.resource IS NULL)) o
    WHERE (EXISTS (SELECT FROM visit_service v WHERE v.code = $5 AND v.mode = 'direct') OR NULL::uuid IS NOT NULL)
        AND NOT EXISTS (SELECT a.id FROM appointment a JOIN visit_service v ON v.code = a.service AND v.only_one
            WHERE a.patient = $2::uuid AND a.service = $5 AND a.id <> $1::uuid AND a.end_at > now()
                AND (a.status = 'booked' OR a.status = 'pending' AND a.live AND a.hold_until > clock_timestamp())
            ORDER BY a.start_at LIMIT 1)
), held AS (
    INSERT INTO appointment (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live,
        hold_until, made_by, ticket)
    SELECT $1::uuid, 1, 'pending', $2::uuid, o.practitioner, o.location, $5, o.start_at,
        o.end_at, o.wall, o.zone, true, clock_timestamp() + make_interval(secs => 600), $7::uuid, NULL
    FROM wanted o
    WHERE (SELECT count(*) FROM appointment
        WHERE (patient = $2::uuid OR made_by = $7::uuid) AND status = 'pending' AND live AND hold_until > clock_timestamp()) < 2
    RETURNING *
), taken AS (
    INSERT INTO resource_time (appointment, resource, lane, session, period, is_other, hold_until)
    SELECT f.id, x.resource, free_lane(x.resource, o.takes, o.capacity), coalesce(o.session, f.id::text), o.takes, x.is_other, f.hold_until
    FROM held f CROSS JOIN wanted o CROSS JOIN LATERAL (
        SELECT o.practitioner AS resource, false AS is_other
        UNION ALL SELECT n.resource, true FROM needed($5, o.location, o.takes, coalesce(o.session, f.id::text)) n
    ) x ORDER BY x.resource
)
SELECT id, version, status, patient, practitioner, location, service, zone, start_at, to_char(wall_start, 'YYYY-MM-DD"T"HH24:MI') AS local_start,
    end_at, to_char(end_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI') AS local_end, hold_until FROM held

-- name: book
WITH confirmed AS (
    UPDATE appointment SET status = 'booked', version = version + 1, hold_until = NULL
    WHERE id = $1::uuid AND patient = $2::uuid AND practitioner = $3::uuid
        AND location = $4::uuid AND service = $5 AND start_at = $6::timestamptz
        AND status = 'pending' AND live AND hold_until > clock_timestamp()
        AND $7::uuid IS NOT NULL
    RETURNING *
), kept AS (
    UPDATE resource_time t SET hold_until = NULL FROM confirmed c WHERE t.appointment = c.id RETURNING t.appointment
)
SELECT id, version, status, patient, practitioner, location, service, zone, start_at, to_char(wall_start, 'YYYY-MM-DD"T"HH24:MI') AS local_start,
    end_at, to_char(end_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI') AS local_end, hold_until
FROM confirmed WHERE id IN (SELECT appointment FROM kept)

-- name: outbox
INSERT INTO outbox (id, name, body, traceparent) VALUES ($1::uuid, $2, $3::bytea, $4)

-- name: answered
INSERT INTO answered (key, name, principal, digest, answer) VALUES ($1::uuid, $2, $3, $4::bytea, $5::bytea)

-- name: patient
SELECT id, version, name, family, given, birth_date, gender, mrn, phone, language, deceased FROM patient WHERE id = $1::uuid

-- name: chart
SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'Condition' AND NOT deleted
UNION ALL SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'AllergyIntolerance' AND NOT deleted
UNION ALL SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'MedicationRequest' AND NOT deleted
UNION ALL SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'MedicationStatement' AND NOT deleted
UNION ALL SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'Immunization' AND NOT deleted
UNION ALL (SELECT type, id, body FROM resource WHERE patient = $1::uuid AND type = 'Encounter' AND NOT deleted
    ORDER BY d_lo DESC, id DESC LIMIT 20)
UNION ALL (SELECT 'Observation', o.id, o.body FROM
    (SELECT DISTINCT ON (code) id FROM resource
        WHERE patient = $1::uuid AND type = 'Observation' AND NOT deleted AND code IS NOT NULL AND status IS DISTINCT FROM 'entered-in-error'
            AND NOT category @> '{patient-reported}'
        ORDER BY code, d_lo DESC, status IN ('corrected', 'amended') DESC, id DESC) newest
    JOIN resource o ON o.type = 'Observation' AND o.id = newest.id)
UNION ALL (SELECT DISTINCT ON (code) 'Observation', id, body FROM resource
    WHERE patient = $1::uuid AND type = 'Observation' AND NOT deleted AND code IS NOT NULL AND status IS DISTINCT FROM 'entered-in-error'
        AND category @> '{patient-reported}'
    ORDER BY code, d_lo DESC, id DESC)
UNION ALL SELECT 'count', $1::uuid, int8send(count(*)) FROM resource WHERE patient = $1::uuid AND type = 'Encounter' AND NOT deleted

-- name: relay_lock
SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))

-- name: relay_read
SELECT id, name, body, traceparent FROM outbox WHERE held_until IS NULL OR held_until < now() ORDER BY seq LIMIT 200

-- name: relay_sent
WITH done AS (DELETE FROM outbox WHERE id = ANY($1::uuid[]) RETURNING id, name, body, traceparent, emitted_at)
INSERT INTO sent (id, name, body, traceparent, emitted_at) SELECT id, name, body, traceparent, emitted_at FROM done

-- name: inbox
INSERT INTO inbox (handler, message) VALUES ('plan-on-appointment-booked', $1::uuid)

-- name: inbox_visit
INSERT INTO inbox (handler, message) VALUES ('note-visit-on-appointment-booked', $1::uuid)

-- name: visit
WITH news AS (
    INSERT INTO heard_version (source, version) VALUES ($1::uuid, $2::int)
    ON CONFLICT ON CONSTRAINT heard_version_once DO UPDATE SET version = excluded.version WHERE heard_version.version < excluded.version
    RETURNING source
), gone AS (
    DELETE FROM care WHERE source IN (SELECT source FROM news) AND practitioner <> $4::uuid
)
INSERT INTO care (source, patient, practitioner, location, valid)
SELECT source, $3::uuid, $4::uuid, $5::uuid,
    tstzrange($6::timestamptz - make_interval(days => 30), $6::timestamptz + make_interval(days => 90))
FROM news ON CONFLICT ON CONSTRAINT care_once DO UPDATE SET location = excluded.location, valid = excluded.valid

-- name: inbox_call
INSERT INTO inbox (handler, message) VALUES ('open-call-on-appointment-booked', $1::uuid)

-- name: call
INSERT INTO call (id, patient, practitioner, location, appointment_version, start_at, end_at, zone, is_video, ask_at)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::int, $6::timestamptz, $7::timestamptz, $8, $9::bool, CASE WHEN $9::bool IS NULL THEN now() END)
ON CONFLICT ON CONSTRAINT call_once DO UPDATE SET practitioner = excluded.practitioner, location = excluded.location,
    start_at = excluded.start_at, end_at = excluded.end_at, zone = excluded.zone,
    appointment_version = excluded.appointment_version, is_video = coalesce(excluded.is_video, call.is_video), ask_at = excluded.ask_at,
    version = call.version + 1, state = CASE WHEN call.state = 'cancelled' THEN 'scheduled' ELSE call.state END
WHERE call.appointment_version < excluded.appointment_version

-- name: seen
INSERT INTO appointment_seen (appointment, version, patient, state) VALUES ($1::uuid, $2::int, $3::uuid, 'booked')
ON CONFLICT (appointment) DO UPDATE SET version = excluded.version, state = excluded.state WHERE appointment_seen.version < excluded.version
RETURNING xmax = 0

-- name: contact
SELECT body FROM contact WHERE patient = $1::uuid

-- name: intent
INSERT INTO intent (id, appointment, version, patient, kind, channel, rule, due_at, due_local, due_zone, starts_at, starts_zone,
    answers, planned_at, state, reason, next_at)
VALUES ($1::uuid, $2::uuid, $3::int, $4::uuid, $5, $6, $7, $8::timestamptz, $9, $10, $11::timestamptz, $10, $12::bool, now(), $13, $14,
    CASE WHEN $13 = 'scheduled' THEN $8::timestamptz END)
ON CONFLICT ON CONSTRAINT intent_once DO NOTHING

-- name: thread
SELECT version, state, level, pool, owner, CASE WHEN t.owner_account IS NULL THEN coalesce(t.owner, t.wanted) END, promised_at,
    to_char(promised_at AT TIME ZONE zone, 'YYYY-MM-DD"T"HH24:MI'), zone,
    state = 'closed' AND changed_at < now() - make_interval(days => 30), clock_timestamp() AS now
FROM thread t WHERE id = $1::uuid AND patient = $2::uuid AND true FOR UPDATE

-- name: same_message
SELECT true FROM message WHERE thread = $1::uuid AND account = $2::uuid AND digest = $3::bytea AND attachment IS NOT DISTINCT FROM $4::uuid
    AND at > now() - interval '10 minutes' AND retracted_at IS NULL LIMIT 1

-- name: urgent_phrases
SELECT phrase FROM urgent_phrase

-- name: thread_goes_on
UPDATE thread SET version = version + 1, changed_at = $1::timestamptz, is_urgent = is_urgent OR $2::bool WHERE id = $3::uuid

-- name: message
INSERT INTO message (id, thread, patient, at, from_patient, account, practitioner, body, digest, attachment, attachment_name)
VALUES ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz, $5::bool, $6::uuid, $7::uuid, $8::bytea, $9::bytea, $10::uuid, $11::bytea)
