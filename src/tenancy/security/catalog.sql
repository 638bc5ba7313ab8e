-- name: tables
-- Which tables are there, and is row-level security on and forced?
SELECT n.nspname AS schema, c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (CAST(:schemas AS text[]))

-- name: policies
-- Every policy with its text as PostgreSQL prints it.
SELECT n.nspname AS schema, c.relname AS table, p.polname AS name,
       CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command,
       p.polpermissive AS permissive,
       ARRAY(SELECT COALESCE(r.rolname, 'public')::text
             FROM unnest(p.polroles) AS member (oid) LEFT JOIN pg_roles r ON r.oid = member.oid ORDER BY 1) AS roles,
       pg_get_expr(p.polqual, p.polrelid) AS using,
       pg_get_expr(p.polwithcheck, p.polrelid) AS check
FROM pg_policy p
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY (CAST(:schemas AS text[]))

-- name: policies that read columns
-- Which policies would stop ALTER COLUMN TYPE? Also those of other tables, which look at this one in a subquery.
SELECT DISTINCT n.nspname AS schema, c.relname AS table, p.polname AS name
FROM unnest(CAST(:schemas AS text[]), CAST(:tables AS text[]), CAST(:names AS text[])) AS wanted (schema, relation, name)
JOIN pg_namespace rn ON rn.nspname = wanted.schema
JOIN pg_class r ON r.relnamespace = rn.oid AND r.relname = wanted.relation
JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = wanted.name
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid AND d.refobjsubid = a.attnum
                AND d.classid = 'pg_policy'::regclass
JOIN pg_policy p ON p.oid = d.objid
JOIN pg_class c ON c.oid = p.polrelid
JOIN pg_namespace n ON n.oid = c.relnamespace

-- name: functions that read columns
-- Which functions would stop ALTER COLUMN TYPE, DROP COLUMN or, where no column is named, DROP TABLE? A SQL-standard body
-- is bound to what it names.
SELECT DISTINCT n.nspname AS schema, p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments
FROM unnest(CAST(:schemas AS text[]), CAST(:tables AS text[]), CAST(:names AS text[])) AS wanted (schema, relation, name)
JOIN pg_namespace rn ON rn.nspname = wanted.schema
JOIN pg_class r ON r.relnamespace = rn.oid AND r.relname = wanted.relation
LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = wanted.name
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid
                AND (wanted.name IS NULL OR d.refobjsubid = a.attnum) AND d.classid = 'pg_proc'::regclass
JOIN pg_proc p ON p.oid = d.objid
JOIN pg_namespace n ON n.oid = p.pronamespace

-- name: grants
-- Every privilege that somebody other than the owner holds on a table, on a column, or on a sequence that a column owns.
WITH relations AS (
    SELECT n.nspname, c.*
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (CAST(:schemas AS text[]))
), privileges AS (
    SELECT t.nspname AS schema, t.relname AS table, NULL::name AS column, false AS sequence, t.relowner AS owner, acl.*
    FROM relations t, aclexplode(t.relacl) AS acl
    WHERE t.relkind IN ('r', 'p')
  UNION ALL
    SELECT t.nspname, t.relname, a.attname, false, t.relowner, acl.*
    FROM relations t
    JOIN pg_attribute a ON a.attrelid = t.oid AND NOT a.attisdropped, aclexplode(a.attacl) AS acl
    WHERE t.relkind IN ('r', 'p')
  UNION ALL
    SELECT t.nspname, t.relname, a.attname, true, s.relowner, acl.*
    FROM relations s
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    JOIN relations t ON t.oid = d.refobjid
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid, aclexplode(s.relacl) AS acl
    WHERE s.relkind = 'S'
)
SELECT p.schema, p.table, p.column, p.sequence, COALESCE(r.rolname, 'public') AS grantee,
       p.privilege_type AS privilege, p.is_grantable AS grantable
FROM privileges p LEFT JOIN pg_roles r ON r.oid = p.grantee
WHERE p.grantee <> p.owner

-- name: schemas
-- Who may use a schema or create in it?
SELECT n.nspname AS name, COALESCE(r.rolname, CASE WHEN acl.grantee = 0 THEN 'public' END) AS grantee,
       acl.privilege_type AS privilege, acl.is_grantable AS grantable
FROM pg_namespace n
LEFT JOIN LATERAL aclexplode(n.nspacl) AS acl ON acl.grantee <> n.nspowner
LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE n.nspname = ANY (CAST(:schemas AS text[]))

-- name: functions
-- Every function of some schemas, with all that could turn it: body, volatility, definer rights, leakproof, settings,
-- owner, and who may call it.
SELECT n.nspname AS schema, p.proname AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
       pg_get_function_result(p.oid) AS returns,
       l.lanname AS language, COALESCE(pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
       CASE p.provolatile WHEN 'i' THEN 'IMMUTABLE' WHEN 's' THEN 'STABLE' ELSE 'VOLATILE' END AS volatility,
       CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END AS parallel,
       p.prosecdef AS security_definer, p.proleakproof AS leakproof, COALESCE(p.proconfig, '{}') AS settings,
       pg_get_userbyid(p.proowner)::text AS owner,
       ARRAY(SELECT COALESCE(r.rolname, 'public')::text
             FROM aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) AS acl
             LEFT JOIN pg_roles r ON r.oid = acl.grantee
             WHERE acl.grantee <> p.proowner ORDER BY 1) AS executors
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname = ANY (CAST(:schemas AS text[])) AND p.prokind = 'f'
