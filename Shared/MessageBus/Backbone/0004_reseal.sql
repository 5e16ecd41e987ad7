-- Stored answers are sealed anew when the key that seals what is nobody's is replaced.
DO $$
DECLARE
    service text := current_schema();
BEGIN
    EXECUTE format('GRANT UPDATE (answer) ON answered TO %I', service || '_worker');
    EXECUTE format('CREATE POLICY reseal ON answered FOR UPDATE TO %I USING (true)', service || '_worker');
END $$;
