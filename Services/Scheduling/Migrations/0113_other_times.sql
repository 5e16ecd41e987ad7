-- Whose visit cannot be as it is, because somebody is away or a place is closed: they are offered another time, and nothing is moved until they take it.
ALTER TABLE waiting ADD COLUMN absence uuid;
-- Beside what they wait for by themselves, and for each of their visits.
DROP INDEX waiting_one_open;
CREATE UNIQUE INDEX waiting_one_open ON waiting (patient, kind, coalesce(service, ''), coalesce(CASE WHEN absence IS NOT NULL THEN visit::text END, ''))
    WHERE state = 'open';
CREATE INDEX waiting_of_absence ON waiting (absence) WHERE absence IS NOT NULL;
