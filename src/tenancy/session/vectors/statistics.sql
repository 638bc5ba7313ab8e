-- name: index
-- How many rows of all tenants are in an index, and can this pgvector search it until enough are found?
SELECT
    greatest(index_class.reltuples, 1)::float8 AS entries,
    method.amname = 'hnsw' AND string_to_array(extension.extversion, '.')::int[] >= '{0,8}' AS iterative
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS index_class ON index_class.oid = i.indexrelid
JOIN pg_catalog.pg_am AS method ON method.oid = index_class.relam
JOIN pg_catalog.pg_extension AS extension ON extension.extname = 'vector'
WHERE i.indrelid = CAST(:table AS regclass) AND index_class.relname = :index
