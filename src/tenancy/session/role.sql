-- name: ways round row-level security
-- Every way in which the role that logged in could get round the policies, by itself or by any chain of memberships.
WITH me AS (
    SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname IN (session_user, current_user)
), reachable AS (
    -- MEMBER, not USAGE: a NOINHERIT member can still SET ROLE.
    SELECT me.rolname AS login, r.* FROM pg_catalog.pg_roles r JOIN me ON pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER')
)
SELECT login, rolname AS role, 'is a superuser' AS way FROM reachable WHERE rolsuper
UNION ALL
SELECT login, rolname, 'has BYPASSRLS' FROM reachable WHERE rolbypassrls
UNION ALL
SELECT login, rolname, 'has CREATEROLE, and so can grant itself other roles' FROM reachable WHERE rolcreaterole
UNION ALL
SELECT login, rolname, 'has REPLICATION, and so can read every row from the log' FROM reachable WHERE rolreplication
UNION ALL
SELECT login, rolname, 'reads the server''s files' FROM reachable
WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
UNION ALL
-- Also a table without policies: whoever owns it can do with its rows, and with its policies, what they like.
SELECT login, rolname, 'owns ' || pg_catalog.min(pg_catalog.format('%I.%I', n.nspname, c.relname))
FROM reachable
JOIN pg_catalog.pg_class c ON c.relowner = reachable.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
                          AND c.relpersistence <> 't'
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
GROUP BY login, rolname
UNION ALL
-- Whoever owns the database owns public, and may drop what stands in it.
SELECT login, rolname, 'owns the database ' || pg_catalog.quote_ident(d.datname)
FROM reachable
JOIN pg_catalog.pg_database d ON d.datdba = reachable.oid AND d.datname = pg_catalog.current_database()
UNION ALL
SELECT login, rolname, 'owns the schema ' || pg_catalog.quote_ident(n.nspname)
FROM reachable JOIN pg_catalog.pg_namespace n ON n.nspowner = reachable.oid
UNION ALL
SELECT login, rolname, 'owns the function ' || pg_catalog.min(p.oid::pg_catalog.regprocedure::text)
FROM reachable JOIN pg_catalog.pg_proc p ON p.proowner = reachable.oid
GROUP BY login, rolname
UNION ALL
SELECT me.rolname, me.rolname, 'may create in the schema ' || pg_catalog.quote_ident(n.nspname)
FROM me JOIN pg_catalog.pg_namespace n
  ON pg_catalog.has_schema_privilege(me.oid, n.oid, 'CREATE') AND n.nspname !~ '^pg_'
UNION ALL
SELECT me.rolname, me.rolname, 'may make temporary tables, which `tenancy bootstrap` revokes'
FROM me WHERE pg_catalog.has_database_privilege(me.oid, pg_catalog.current_database(), 'TEMPORARY')

-- name: installation
-- Is the server new enough, and is the tenancy schema there?
SELECT pg_catalog.current_setting('server_version_num')::int, pg_catalog.current_database(),
       pg_catalog.to_regprocedure('tenancy.current_tenant()')::text,
       pg_catalog.current_setting('default_transaction_isolation')
