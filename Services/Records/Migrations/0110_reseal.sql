-- When a patient's key is replaced, what it sealed is sealed anew: the same text in the same place. Of the history nothing else may be changed, and
-- by nobody but the service itself.
GRANT UPDATE (body) ON resource_version TO records_worker;
GRANT UPDATE (content) ON upload_part TO records_worker;
CREATE INDEX resource_version_of ON resource_version (patient);
