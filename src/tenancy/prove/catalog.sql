-- name: reachable relations that no model declares
-- Which tables, views, materialized and foreign tables of some schemas may this role use, that are none of the declared
-- ones? An extension's own are its business, and views of declared tables are for the attack `view`.
WITH RECURSIVE declared AS (
    SELECT c.oid
    FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[])) AS one (schema, name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = one.schema
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = one.name
), known AS (
    SELECT oid FROM declared
  UNION
    SELECT r.ev_class
    FROM known
    JOIN pg_catalog.pg_depend d ON d.refobjid = known.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                               AND d.classid = 'pg_catalog.pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
    JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
)
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ANY (CAST(:searched AS text[]))
  AND (pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
       OR pg_catalog.has_table_privilege(c.oid, 'DELETE, TRUNCATE, TRIGGER'))
  AND c.oid NOT IN (SELECT oid FROM known)
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
ORDER BY 1

-- name: reachable functions that could get round policies
-- Which functions of some schemas run with somebody else's rights, or before the policies, and may be called by this
-- role? Declared resolvers are allowed to, with their search_path pinned.
SELECT p.oid::pg_catalog.regprocedure::text AS function,
       CASE WHEN p.proleakproof THEN 'leakproof' ELSE 'runs as ' || pg_catalog.pg_get_userbyid(p.proowner) END AS how
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY (CAST(:searched AS text[])) AND (p.prosecdef OR p.proleakproof)
  AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND NOT (p.proname = ANY (CAST(:resolvers AS text[])) AND NOT p.proleakproof AND p.prokind = 'f'
           AND COALESCE(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp'])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
ORDER BY 1

-- name: tenants by default
-- Which role or database sets a tenant or a user for every new connection?
SELECT COALESCE(r.rolname, 'every role') AS role, COALESCE(d.datname, 'every database') AS database, setting
FROM pg_catalog.pg_db_role_setting s
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole
LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
WHERE setting LIKE 'app.%' AND (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
ORDER BY 1, 2, 3

-- name: privileges that this role holds on a table
-- What may it do, whoever granted it, on the whole table or on one of its columns?
SELECT DISTINCT acl.privilege_type
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN LATERAL (
    SELECT c.relacl AS acl
  UNION ALL
    SELECT a.attacl FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
) AS granted ON true
CROSS JOIN LATERAL pg_catalog.aclexplode(granted.acl) AS acl
WHERE n.nspname = :schema AND c.relname = :name
  AND (acl.grantee = 0 OR pg_catalog.pg_has_role(acl.grantee, 'USAGE'))
