-- How far an invitation has come: staff see it beside the patient's chart.
ALTER TABLE invitation
    -- Somebody typed its code.
    ADD COLUMN opened_at timestamptz,
    -- With the right birth date.
    ADD COLUMN verified_at timestamptz;
GRANT SELECT (issued_at, closed, opened_at, verified_at) ON invitation TO identity_staff;
