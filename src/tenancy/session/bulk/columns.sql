-- name: column types
-- What PostgreSQL calls the type of each column, and of what kind it is: asyncpg does not encode every type in binary.
-- Without the length: a cast to varchar(5) cuts what is longer, where an assignment refuses it.
SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, -1) AS spelled, element.oid <> t.oid AS is_array,
       CASE WHEN element.typtype = 'e' THEN 'enum'
            WHEN element.typtype = 'r' THEN 'range'
            WHEN element.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN element.typname END AS kind
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type element ON element.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
WHERE a.attrelid = pg_catalog.to_regclass(:relation) AND a.attnum > 0 AND NOT a.attisdropped
