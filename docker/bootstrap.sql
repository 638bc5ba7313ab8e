\set ON_ERROR_STOP on
BEGIN;
LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_owner'') THEN ALTER ROLE tenancy_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; ELSE CREATE ROLE tenancy_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END';
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_app'') THEN ALTER ROLE tenancy_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; ELSE CREATE ROLE tenancy_app NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END';
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_system'') THEN ALTER ROLE tenancy_system NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS; ELSE CREATE ROLE tenancy_system NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION BYPASSRLS; END IF; END';
GRANT tenancy_system TO tenancy_owner;
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_owner_login'') THEN ALTER ROLE tenancy_owner_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; ELSE CREATE ROLE tenancy_owner_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END';
ALTER ROLE tenancy_owner_login PASSWORD 'tenancy';
GRANT tenancy_owner TO tenancy_owner_login;
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_app_login'') THEN ALTER ROLE tenancy_app_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; ELSE CREATE ROLE tenancy_app_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END';
ALTER ROLE tenancy_app_login PASSWORD 'tenancy';
GRANT tenancy_app TO tenancy_app_login;
DO 'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ''tenancy_system_login'') THEN ALTER ROLE tenancy_system_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; ELSE CREATE ROLE tenancy_system_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END';
ALTER ROLE tenancy_system_login PASSWORD 'tenancy';
GRANT tenancy_system TO tenancy_system_login;
GRANT tenancy_app TO tenancy_owner_login;
CREATE EXTENSION IF NOT EXISTS vector SCHEMA public;
-- TEMP: a temporary table named like one of ours would capture the writes of later tenants on a pooled connection.
REVOKE TEMPORARY, CREATE ON DATABASE tenancy FROM PUBLIC;
REVOKE TEMPORARY, CREATE ON DATABASE tenancy FROM tenancy_app;
GRANT CONNECT ON DATABASE tenancy TO tenancy_owner, tenancy_app, tenancy_system;
GRANT CREATE, TEMPORARY ON DATABASE tenancy TO tenancy_owner;
-- Clusters upgraded from before 15 let everyone create in public: a better-matching function there runs with others' rights.
REVOKE CREATE ON SCHEMA public FROM PUBLIC, tenancy_app;
GRANT USAGE, CREATE ON SCHEMA public TO tenancy_owner;
GRANT USAGE ON SCHEMA public TO tenancy_app, tenancy_system;
-- Large objects have no row-level security: whoever knows an id reads the blob.
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), pg_catalog.lo_from_bytea(oid, bytea), pg_catalog.lo_open(oid, integer), pg_catalog.lo_get(oid), pg_catalog.lo_get(oid, bigint, integer), pg_catalog.lo_put(oid, bigint, bytea), pg_catalog.lo_unlink(oid), pg_catalog.loread(integer, integer), pg_catalog.lowrite(integer, bytea) FROM PUBLIC;
-- Session-level advisory locks outlive the transaction on a pooled connection; the transaction-level ones stay.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_advisory_lock(integer, integer), pg_catalog.pg_advisory_lock_shared(bigint), pg_catalog.pg_advisory_lock_shared(integer, integer), pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(integer, integer), pg_catalog.pg_try_advisory_lock_shared(bigint), pg_catalog.pg_try_advisory_lock_shared(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_advisory_lock(integer, integer), pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(integer, integer) TO tenancy_owner, tenancy_system;
-- All tenants share one role, and a role sees its own sessions' query texts and may end them.
REVOKE SELECT ON pg_catalog.pg_stat_activity FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer), pg_catalog.pg_stat_get_backend_activity(integer), pg_catalog.pg_terminate_backend(integer, bigint), pg_catalog.pg_cancel_backend(integer) FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_stat_activity TO pg_monitor, tenancy_owner, tenancy_system;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer), pg_catalog.pg_stat_get_backend_activity(integer) TO pg_monitor, tenancy_owner, tenancy_system;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend(integer, bigint), pg_catalog.pg_cancel_backend(integer) TO pg_signal_backend;
-- They stay on a pooled connection, with the literals of whoever prepared them.
REVOKE SELECT ON pg_catalog.pg_prepared_statements FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_prepared_statements TO tenancy_owner, tenancy_system;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() TO tenancy_owner, tenancy_system;
-- These count the rows that a statement touched before the policy hid them.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_xact_tuples_returned(oid), pg_catalog.pg_stat_get_xact_tuples_fetched(oid), pg_catalog.pg_stat_get_tuples_returned(oid), pg_catalog.pg_stat_get_tuples_fetched(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_tuples_returned(oid), pg_catalog.pg_stat_get_tuples_fetched(oid) TO pg_monitor;
COMMIT;
