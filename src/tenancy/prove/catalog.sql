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
-- role? Declared ones are allowed to, with their search_path pinned, as long as they call nothing but pg_catalog and
-- tenancy's own helpers.
SELECT p.oid::pg_catalog.regprocedure::text AS function,
       CASE WHEN p.proleakproof THEN 'leakproof' ELSE 'runs as ' || pg_catalog.pg_get_userbyid(p.proowner) END AS how
FROM pg_catalog.pg_proc p
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = ANY (CAST(:searched AS text[])) AND (p.prosecdef OR p.proleakproof)
  AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND NOT (n.nspname || '.' || p.proname || '(' || pg_catalog.array_to_string(p.proargnames[1:p.pronargs], ', ') || ')'
           = ANY (CAST(:declared AS text[])) AND NOT p.proleakproof AND p.prokind = 'f'
           AND COALESCE(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_depend d
               LEFT JOIN pg_catalog.pg_proc called ON d.refclassid = 'pg_catalog.pg_proc'::regclass AND called.oid = d.refobjid
               WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
                 AND (d.refclassid = 'pg_catalog.pg_operator'::regclass
                      OR d.refclassid = 'pg_catalog.pg_proc'::regclass
                         AND (called.prosecdef OR called.pronamespace <> 'tenancy'::regnamespace))))
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

-- name: views of a table
-- Which views and materialized views read the table, also by way of other views, and may be read by whoever asks?
WITH RECURSIVE readers (oid) AS (
    SELECT CAST(CAST(:relation AS text) AS regclass)::oid
  UNION
    SELECT r.ev_class
    FROM readers
    JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = readers.oid
                               AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid
)
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind = 'm' AS materialized,
       pg_catalog.pg_get_viewdef(c.oid) AS definition,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) AS columns
FROM readers
JOIN pg_catalog.pg_class c ON c.oid = readers.oid AND c.relkind IN ('v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT')

-- name: children of a table
-- Its partitions and its children by inheritance, and theirs.
WITH RECURSIVE children (oid) AS (
    SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = CAST(CAST(:relation AS text) AS regclass)
  UNION
    SELECT i.inhrelid FROM children JOIN pg_catalog.pg_inherits i ON i.inhparent = children.oid
)
SELECT n.nspname::text AS schema, c.relname::text AS name, c.relrowsecurity AS secured
FROM children
JOIN pg_catalog.pg_class c ON c.oid = children.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace

-- name: settings that policies read
-- Which settings do the table's policies read, by themselves or by way of the functions that they call, and which texts
-- stand beside them? Functions whose body is a string tell nothing of what they call in turn.
WITH RECURSIVE called (oid) AS (
    SELECT d.refobjid
    FROM pg_catalog.pg_policy p
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                               AND d.refclassid = 'pg_proc'::regclass
    WHERE p.polrelid = CAST(CAST(:relation AS text) AS regclass)
  UNION
    SELECT d.refobjid
    FROM called
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = called.oid
                               AND d.refclassid = 'pg_proc'::regclass
), sources (source) AS (
    SELECT pg_catalog.concat_ws(' ', pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid))
    FROM pg_catalog.pg_policy
    WHERE polrelid = CAST(CAST(:relation AS text) AS regclass)
  UNION
    SELECT COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
    FROM called
    JOIN pg_catalog.pg_proc p ON p.oid = called.oid
)
SELECT ARRAY(SELECT DISTINCT found[1] FROM sources,
             pg_catalog.regexp_matches(source, 'current_setting\s*\(\s*''([^'']+)''', 'g') AS found) AS settings,
       ARRAY(SELECT DISTINCT found[1] FROM sources,
             pg_catalog.regexp_matches(source, '''([^'']{1,40})''', 'g') AS found) AS texts
