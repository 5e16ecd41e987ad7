-- When patients are reminded, by kind of visit. Nothing here is about a patient.

-- Every version there was; the highest holds. Nobody may change or remove one.
CREATE TABLE reminder_rule (
    service text COLLATE "C" NOT NULL,
    version int NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    account uuid,
    rules   text[] NOT NULL,
    CONSTRAINT reminder_rule_once PRIMARY KEY (service, version)
);
GRANT SELECT, INSERT ON reminder_rule TO notifications_staff, notifications_worker;

-- A visit has an intent for every rule there is; which of them its kind has is looked at when they are due.
ALTER TABLE intent DROP CONSTRAINT intent_rule;
ALTER TABLE intent ADD CONSTRAINT intent_rule CHECK (rule IN ('at-once', 'week-before', 'day-before', 'two-hours-before'));
ALTER TABLE intent DROP CONSTRAINT intent_once;
ALTER TABLE intent ADD CONSTRAINT intent_once UNIQUE (appointment, version, kind, channel, rule);
