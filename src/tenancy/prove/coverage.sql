-- name: numbers taken
-- How many numbers has each counting sequence given? One that was never asked has no last value.
SELECT pg_catalog.obj_description(c.oid, 'pg_class') AS described, COALESCE(pg_catalog.pg_sequence_last_value(c.oid), 0) AS times
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'tenancy_coverage' AND c.relkind = 'S'
