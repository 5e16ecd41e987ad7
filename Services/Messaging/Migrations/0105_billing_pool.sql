-- Questions about bills go to the billing office; administrators see them too, where there is none. It keeps the desk's hours until somebody says otherwise.
INSERT INTO pool (code, roles, is_clinical, zone, answer_minutes, location)
SELECT 'billing', '{billing-office,administrator}', false, zone, answer_minutes, location FROM pool WHERE code = 'desk';
INSERT INTO pool_hours (pool, weekday, opens, closes) SELECT 'billing', weekday, opens, closes FROM pool_hours WHERE pool = 'desk';
UPDATE purpose SET pool = 'billing' WHERE code = 'bill';
