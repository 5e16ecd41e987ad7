-- Patients see what was sent to them about their visits, and what they answered.
GRANT SELECT ON intent, visit_answer, reminder_rule TO notifications_limited;
CREATE POLICY limited ON intent FOR SELECT TO notifications_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
CREATE POLICY limited ON visit_answer FOR SELECT TO notifications_limited
    USING (patient = ANY ((SELECT string_to_array(nullif(current_setting('chartline.patients', true), ''), ',')::uuid[])::uuid[]));
