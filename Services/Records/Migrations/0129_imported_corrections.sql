-- An import may correct results: whoever ordered them, or has seen them, is asked again.
GRANT INSERT, UPDATE ON result_review TO records_worker;
GRANT UPDATE (outdated) ON result_acknowledgement TO records_worker;
