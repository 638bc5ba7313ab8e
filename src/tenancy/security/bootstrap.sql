-- name: database
-- TEMP: a temporary table named like one of ours would capture the writes of later tenants on a pooled connection.
REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM PUBLIC;
REVOKE TEMPORARY, CREATE ON DATABASE {database} FROM {application};
GRANT CONNECT ON DATABASE {database} TO {owner}, {application}, {system};
GRANT CREATE, TEMPORARY ON DATABASE {database} TO {owner};

-- name: public schema
-- Clusters upgraded from before 15 let everyone create in public: a better-matching function there runs with others' rights.
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {application};
GRANT USAGE, CREATE ON SCHEMA public TO {owner};
GRANT USAGE ON SCHEMA public TO {application}, {system};

-- name: large objects
-- Large objects have no row-level security: whoever knows an id reads the blob.
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer), pg_catalog.lo_from_bytea(oid, bytea), pg_catalog.lo_open(oid, integer), pg_catalog.lo_get(oid), pg_catalog.lo_get(oid, bigint, integer), pg_catalog.lo_put(oid, bigint, bytea), pg_catalog.lo_unlink(oid), pg_catalog.loread(integer, integer), pg_catalog.lowrite(integer, bytea) FROM PUBLIC;

-- name: advisory locks
-- Session-level advisory locks outlive the transaction on a pooled connection; the transaction-level ones stay.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_advisory_lock(integer, integer), pg_catalog.pg_advisory_lock_shared(bigint), pg_catalog.pg_advisory_lock_shared(integer, integer), pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(integer, integer), pg_catalog.pg_try_advisory_lock_shared(bigint), pg_catalog.pg_try_advisory_lock_shared(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_advisory_lock(bigint), pg_catalog.pg_advisory_lock(integer, integer), pg_catalog.pg_try_advisory_lock(bigint), pg_catalog.pg_try_advisory_lock(integer, integer) TO {owner}, {system};

-- name: other sessions
-- All tenants share one role, and a role sees its own sessions' query texts and may end them.
REVOKE SELECT ON pg_catalog.pg_stat_activity FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer), pg_catalog.pg_stat_get_backend_activity(integer), pg_catalog.pg_terminate_backend(integer, bigint), pg_catalog.pg_cancel_backend(integer) FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_stat_activity TO pg_monitor, {owner}, {system};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_activity(integer), pg_catalog.pg_stat_get_backend_activity(integer) TO pg_monitor, {owner}, {system};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_terminate_backend(integer, bigint), pg_catalog.pg_cancel_backend(integer) TO pg_signal_backend;

-- name: prepared statements
-- They stay on a pooled connection, with the literals of whoever prepared them.
REVOKE SELECT ON pg_catalog.pg_prepared_statements FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() FROM PUBLIC;
GRANT SELECT ON pg_catalog.pg_prepared_statements TO {owner}, {system};
GRANT EXECUTE ON FUNCTION pg_catalog.pg_prepared_statement() TO {owner}, {system};

-- name: row counters
-- These count the rows that a statement touched before the policy hid them.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_stat_get_xact_tuples_returned(oid), pg_catalog.pg_stat_get_xact_tuples_fetched(oid), pg_catalog.pg_stat_get_tuples_returned(oid), pg_catalog.pg_stat_get_tuples_fetched(oid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_stat_get_tuples_returned(oid), pg_catalog.pg_stat_get_tuples_fetched(oid) TO pg_monitor;
