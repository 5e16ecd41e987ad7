-- How far absences were asked for that were there before this service heard of them: one row.
CREATE TABLE leave_learnt (
    reached uuid,
    is_over boolean NOT NULL DEFAULT false
);
INSERT INTO leave_learnt DEFAULT VALUES;
GRANT SELECT, UPDATE ON leave_learnt TO messaging_worker;
