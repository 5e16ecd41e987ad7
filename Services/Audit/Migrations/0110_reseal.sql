-- When a patient's key is replaced, what it sealed is sealed anew.
GRANT UPDATE (body, answer) ON question TO audit_worker;
