-- What clinicians and nurses keep for their own work. Of no patient; sealed all the same, since whoever writes may write a name.
CREATE TABLE phrase (
    id      uuid PRIMARY KEY,
    account uuid NOT NULL,
    name    text NOT NULL,
    body    bytea NOT NULL,
    CONSTRAINT phrase_once UNIQUE (account, name)
);
CREATE TABLE favourite_order (
    id      uuid PRIMARY KEY,
    account uuid NOT NULL,
    -- Keyed hash of its kind and name.
    same    bigint NOT NULL,
    body    bytea NOT NULL,
    CONSTRAINT favourite_order_once UNIQUE (account, same)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON phrase, favourite_order TO records_staff;
GRANT SELECT ON phrase, favourite_order TO records_worker;
GRANT UPDATE (body) ON phrase, favourite_order TO records_worker;
