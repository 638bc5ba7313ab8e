-- name: attacked tables that the login owns
-- Which of the tables belong to the role that logged in, or to one that it could become?
SELECT r.rolname, pg_catalog.format('%I.%I', n.nspname, c.relname)
FROM unnest(CAST(:schemas AS text[]), CAST(:names AS text[])) AS attacked (schema, name)
JOIN pg_catalog.pg_namespace n ON n.nspname = attacked.schema
JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = attacked.name
JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
WHERE pg_catalog.pg_has_role(session_user, c.relowner, 'MEMBER') OR pg_catalog.pg_has_role(current_user, c.relowner, 'MEMBER')
