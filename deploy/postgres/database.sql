-- The one database, made and closed to everybody but the roles that roles.sql names. Run as superuser in `postgres`; may run again.
SELECT 'CREATE DATABASE chartline' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'chartline') \gexec
REVOKE ALL ON DATABASE chartline, postgres, template1 FROM PUBLIC;
\connect chartline
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch SCHEMA public;
