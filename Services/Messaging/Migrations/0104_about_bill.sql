-- The bill a thread is about: an id, which says nothing to who may not see it.
ALTER TABLE thread ADD COLUMN invoice uuid;
