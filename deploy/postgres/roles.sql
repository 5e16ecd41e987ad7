-- The schema and the roles of one service. Run as superuser in `chartline` with -v service=NAME and the folder of the passwords in the environment
-- as SECRETS, the name again as SERVICE; may run again, and then sets the passwords anew.
--
-- <service>_owner    owns the schema and migrates it
-- <service>          signs in; owns nothing and inherits nothing: it takes one of the next three with SET LOCAL ROLE
-- <service>_limited  patients and their proxies
-- <service>_staff    staff, after Access allowed it
-- <service>_worker   subscribers and sweeps
-- <service>_backup   reads all of this schema, past row-level security; nobody signs in as it until a backup is set up
\set owner :service '_owner'
\set limited :service '_limited'
\set staff :service '_staff'
\set worker :service '_worker'
\set backup :service '_backup'
\set owner_password `cat "$SECRETS/postgres-$SERVICE"_owner`
\set password `cat "$SECRETS/postgres-$SERVICE"`

SELECT format('CREATE ROLE %I', name)
FROM unnest(ARRAY[:'owner', :'service', :'limited', :'staff', :'worker', :'backup']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec

ALTER ROLE :"owner" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 5 PASSWORD :'owner_password';
ALTER ROLE :"service" LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS CONNECTION LIMIT 40 PASSWORD :'password';
ALTER ROLE :"limited" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE :"staff" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE :"worker" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
ALTER ROLE :"backup" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
GRANT :"limited", :"staff", :"worker" TO :"service";

GRANT CONNECT ON DATABASE chartline TO :"owner", :"service", :"backup";
CREATE SCHEMA IF NOT EXISTS :"service" AUTHORIZATION :"owner";
ALTER SCHEMA :"service" OWNER TO :"owner";
REVOKE ALL ON SCHEMA :"service" FROM PUBLIC;
GRANT USAGE ON SCHEMA :"service" TO :"service", :"limited", :"staff", :"worker", :"backup";

ALTER ROLE :"owner" SET search_path = :"service", public;
ALTER ROLE :"owner" SET lock_timeout = '2s';
ALTER ROLE :"service" SET search_path = :"service", public;
ALTER ROLE :"service" SET statement_timeout = '10s';
ALTER ROLE :"service" SET lock_timeout = '2s';
ALTER ROLE :"service" SET idle_in_transaction_session_timeout = '15s';
