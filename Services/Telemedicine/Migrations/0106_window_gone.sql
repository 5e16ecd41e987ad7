-- Since when the patient's window has been closed. NULL: it is open, or none was opened since they came.
ALTER TABLE call ADD COLUMN window_gone_at timestamptz;
