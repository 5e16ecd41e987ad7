-- Who answers what, and when they do. Nothing here is about a patient: every role may read it.

CREATE TABLE pool (
    code           text COLLATE "C" CONSTRAINT pool_once PRIMARY KEY,
    version        int NOT NULL DEFAULT 1,
    -- Roles of staff who see what is in it.
    roles          text[] NOT NULL,
    -- Whether what is asked there is about somebody's health: then a clinician can be asked for.
    is_clinical    boolean NOT NULL,
    -- IANA name. NULL until the clinic's is known: nothing is promised before.
    zone           text COLLATE "C",
    -- Of its hours; what is asked is answered by the end of the day in which they are over.
    answer_minutes int NOT NULL CONSTRAINT pool_answer_minutes CHECK (answer_minutes BETWEEN 1 AND 10000),
    -- The place whose holidays are its own; NULL: any place's.
    location       uuid,
    -- Gets what nobody answered in time, and what nobody is there for.
    lead           uuid
);
INSERT INTO pool (code, roles, is_clinical, answer_minutes) VALUES
    ('care', '{clinician,nurse}', true, 480),
    ('desk', '{front-desk,administrator}', false, 480);

CREATE TABLE pool_hours (
    pool    text COLLATE "C" NOT NULL CONSTRAINT pool_hours_of REFERENCES pool,
    -- ISO: 1 Monday … 7 Sunday.
    weekday int NOT NULL CONSTRAINT pool_hours_weekday CHECK (weekday BETWEEN 1 AND 7),
    opens   interval NOT NULL,
    closes  interval NOT NULL,
    CONSTRAINT pool_hours_once PRIMARY KEY (pool, weekday, opens),
    CONSTRAINT pool_hours_order CHECK (opens >= '0' AND opens < closes AND closes <= '24 hours')
);
INSERT INTO pool_hours (pool, weekday, opens, closes)
SELECT code, weekday, '9 hours', '17 hours' FROM pool CROSS JOIN generate_series(1, 5) AS weekday;

CREATE TABLE pool_member (
    pool         text COLLATE "C" NOT NULL CONSTRAINT pool_member_of REFERENCES pool,
    practitioner uuid NOT NULL,
    -- Who answers while they are away.
    cover        uuid CONSTRAINT pool_member_cover CHECK (cover <> practitioner),
    CONSTRAINT pool_member_once PRIMARY KEY (pool, practitioner)
);

-- What a question may be about; the pool gets it.
CREATE TABLE purpose (
    code     text COLLATE "C" CONSTRAINT purpose_once PRIMARY KEY,
    pool     text COLLATE "C" NOT NULL CONSTRAINT purpose_pool REFERENCES pool,
    position int NOT NULL
);
INSERT INTO purpose (code, pool, position) VALUES
    ('medical', 'care', 1), ('medicine', 'care', 2), ('appointment', 'desk', 3), ('bill', 'desk', 4), ('other', 'desk', 5);

-- What scheduling says of who is away and what is closed. Once ended an absence stays ended.
CREATE TABLE absence (
    id           uuid CONSTRAINT absence_once PRIMARY KEY,
    practitioner uuid,
    period       tstzrange,
    location     uuid,
    day          date,
    ended        boolean NOT NULL
);
CREATE INDEX absence_of ON absence USING gist (practitioner, period) WHERE NOT ended;
CREATE INDEX absence_on ON absence (day) WHERE NOT ended;

-- Words that read like an emergency, in lower case and without accents. Every language's are looked for in every text.
CREATE TABLE urgent_phrase (
    language text COLLATE "C" NOT NULL,
    phrase   text NOT NULL,
    CONSTRAINT urgent_phrase_once PRIMARY KEY (language, phrase)
);
INSERT INTO urgent_phrase (language, phrase) VALUES
    ('en', 'chest pain'), ('en', 'chest hurts'), ('en', 'pain in my chest'), ('en', 'cannot breathe'), ('en', 'can''t breathe'), ('en', 'cant breathe'),
    ('en', 'trouble breathing'), ('en', 'short of breath'), ('en', 'passed out'), ('en', 'fainted'), ('en', 'stroke'), ('en', 'face is drooping'),
    ('en', 'heart attack'), ('en', 'seizure'), ('en', 'overdose'), ('en', 'kill myself'), ('en', 'end my life'), ('en', 'suicide'),
    ('en', 'suicidal'), ('en', 'hurt myself'), ('en', 'bleeding heavily'), ('en', 'won''t stop bleeding'), ('en', 'coughing up blood'),
    ('en', 'vomiting blood'), ('en', 'throat is swelling'),
    ('es', 'dolor de pecho'), ('es', 'dolor en el pecho'), ('es', 'me duele el pecho'), ('es', 'no puedo respirar'), ('es', 'me falta el aire'),
    ('es', 'me desmaye'), ('es', 'derrame cerebral'), ('es', 'infarto'), ('es', 'ataque al corazon'), ('es', 'convulsion'),
    ('es', 'sobredosis'), ('es', 'matarme'), ('es', 'quitarme la vida'), ('es', 'suicid'), ('es', 'hacerme dano'), ('es', 'sangrado abundante'),
    ('es', 'no para de sangrar'), ('es', 'tos con sangre'), ('es', 'vomito sangre'), ('es', 'se me cierra la garganta');

-- The hours of a pool that end after a moment, by its own clocks: the days clocks change are as long as they are.
CREATE FUNCTION pool_open(of_pool text, since timestamptz, days int)
RETURNS TABLE (day date, opens timestamptz, closes timestamptz, zone text) LANGUAGE sql STABLE AS $$
    SELECT d::date, (d + h.opens) AT TIME ZONE p.zone, (d + h.closes) AT TIME ZONE p.zone, p.zone
    FROM pool p
    CROSS JOIN generate_series(date_trunc('day', since AT TIME ZONE p.zone), date_trunc('day', since AT TIME ZONE p.zone) + make_interval(days => days),
        interval '1 day') AS d
    JOIN pool_hours h ON h.pool = p.code AND h.weekday = extract(isodow FROM d)
    WHERE p.code = of_pool AND (d + h.closes) AT TIME ZONE p.zone > since
        AND NOT EXISTS (SELECT FROM absence a WHERE a.day = d::date AND NOT a.ended AND (p.location IS NULL OR a.location = p.location))
$$;

-- The end of the day in which the pool's minutes are over, counted from a moment. A pool that is closed for two months promises its last day of them.
CREATE FUNCTION promised_by(of_pool text, since timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    WITH open AS MATERIALIZED (
        SELECT o.day, o.closes, sum(o.closes - greatest(o.opens, since)) OVER (ORDER BY o.opens) AS so_far FROM pool_open(of_pool, since, 60) o
    )
    SELECT coalesce(
        (SELECT max(closes) FROM open WHERE day = (
            SELECT min(day) FROM open WHERE so_far >= (SELECT make_interval(mins => answer_minutes) FROM pool WHERE code = of_pool))),
        (SELECT max(closes) FROM open), since + interval '60 days')
$$;

-- Until when somebody is away in a time; NULL: they are there all of it.
CREATE FUNCTION away_until(who uuid, since timestamptz, until timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT max(upper(a.period)) FROM absence a
    WHERE a.practitioner = who AND NOT a.ended AND a.period && tstzrange(since, greatest(until, since), '[]')
$$;

-- Who of a pool answers for somebody: they, or who covers for them, or for that one, or the lead. NULL: whoever of the pool has time.
CREATE FUNCTION answering(of_pool text, wanted uuid, since timestamptz, until timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain AS (
        SELECT wanted AS who, 0 AS step
        UNION ALL
        SELECT m.cover, c.step + 1 FROM chain c
        JOIN pool_member m ON m.pool = of_pool AND m.practitioner = c.who AND m.cover IS NOT NULL
        WHERE c.step < 5 AND away_until(c.who, since, until) IS NOT NULL
    ), candidate AS (
        SELECT who, step FROM chain WHERE who IS NOT NULL
        UNION ALL
        SELECT lead, 100 FROM pool WHERE code = of_pool AND lead IS NOT NULL AND wanted IS NOT NULL
    )
    SELECT who FROM candidate WHERE away_until(who, since, until) IS NULL ORDER BY step LIMIT 1
$$;

-- Who is in a pool: its members; where it has none, whoever works somewhere.
CREATE VIEW serving WITH (security_invoker = true) AS
    SELECT m.pool, m.practitioner FROM pool_member m
    UNION ALL
    SELECT p.code, w.practitioner FROM pool p CROSS JOIN (SELECT DISTINCT practitioner FROM workplace) w
    WHERE p.is_clinical AND NOT EXISTS (SELECT FROM pool_member m WHERE m.pool = p.code);

GRANT SELECT ON pool, pool_hours, pool_member, purpose, absence, urgent_phrase TO messaging_limited, messaging_staff, messaging_worker;
GRANT SELECT ON serving TO messaging_staff, messaging_worker;
GRANT UPDATE ON pool TO messaging_staff, messaging_worker;
GRANT INSERT, DELETE ON pool_hours, pool_member TO messaging_staff, messaging_worker;
GRANT INSERT, UPDATE ON absence TO messaging_worker;
-- Whom a patient can ask: those who treat them.
GRANT SELECT ON care TO messaging_limited;
