-- name: shared
-- The HNSW indexes of all tenants' vectors on a table, by what it takes to make the same for one tenant.
SELECT
    index_class.relname AS name,
    pg_catalog.pg_get_indexdef(i.indexrelid, 1, true) AS vectors,
    pg_catalog.quote_ident(operators.nspname) || '.' || pg_catalog.quote_ident(class.opcname) AS operators,
    pg_catalog.array_to_string(index_class.reloptions, ', ') AS options,
    greatest(table_class.reltuples, 0)::float8 AS all_rows
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS index_class ON index_class.oid = i.indexrelid
JOIN pg_catalog.pg_class AS table_class ON table_class.oid = i.indrelid
JOIN pg_catalog.pg_am AS method ON method.oid = index_class.relam AND method.amname = 'hnsw'
JOIN pg_catalog.pg_opclass AS class ON class.oid = i.indclass[0]
JOIN pg_catalog.pg_namespace AS operators ON operators.oid = class.opcnamespace
WHERE i.indrelid = to_regclass(:table) AND i.indisvalid AND i.indpred IS NULL
ORDER BY name

-- name: own
-- The indexes of single tenants on a table.
SELECT
    index_class.relname AS name,
    pg_catalog.pg_get_expr(i.indpred, i.indrelid, true) AS condition,
    greatest(index_class.reltuples, 0)::float8 AS rows,
    i.indisvalid AS valid
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS index_class ON index_class.oid = i.indexrelid
WHERE i.indrelid = to_regclass(:table) AND pg_catalog.starts_with(index_class.relname, :prefix)
ORDER BY name

-- name: tenants
-- The largest tenants and their shares of a table, as of the last ANALYZE. PostgreSQL shows them to who may see all rows.
SELECT tenant, share
FROM pg_catalog.pg_stats AS s,
     unnest(s.most_common_vals::text::text[], s.most_common_freqs) AS common (tenant, share)
WHERE s.schemaname = :schema AND s.tablename = :table AND s.attname = :column AND NOT s.inherited
ORDER BY share DESC, tenant
