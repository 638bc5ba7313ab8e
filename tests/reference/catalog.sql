-- Each statement follows its heading and reads one kind of item of the schema :schema (quoted like an identifier).

-- :tables
-- Which relations hold rows or look as if they did?
SELECT c.relname::text, c.relkind::text
FROM pg_class c
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')

-- :columns
-- What is each column, and what fills it?
SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attgenerated::text, a.attidentity::text
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind IN ('r', 'p')

-- :keys
-- Which columns does each primary key or unique constraint hold together?
SELECT c.relname::text, k.conname::text, k.contype::text, k.condeferrable, i.indnullsnotdistinct,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, position)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_index i ON i.indexrelid = k.conindid
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND k.contype IN ('p', 'u')

-- :foreign_keys
-- What does each foreign key refer to, and what happens when that goes? A table of another schema is named with it.
SELECT c.relname::text, k.conname::text,
       CASE WHEN t.relnamespace = c.relnamespace THEN t.relname::text ELSE k.confrelid::regclass::text END,
       k.confdeltype::text, k.confupdtype::text, k.confmatchtype::text, k.condeferrable, k.convalidated,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, position)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, position)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.position),
       ARRAY(SELECT a.attname::text FROM unnest(k.confdelsetcols) WITH ORDINALITY u (number, position)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.position)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_class t ON t.oid = k.confrelid
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND k.contype = 'f' AND k.conparentid = 0

-- :checks
-- What must hold in every row?
SELECT c.relname::text, k.conname::text, pg_get_expr(k.conbin, k.conrelid), k.convalidated
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relnamespace = CAST(:schema AS regnamespace) AND k.contype = 'c'

-- :indexes
-- Which indexes are there by themselves? Those behind a key belong to its constraint.
SELECT c.relname::text, x.relname::text, i.indisunique, m.amname::text, pg_get_expr(i.indpred, i.indrelid),
       i.indnullsnotdistinct, i.indisvalid, i.indnkeyatts,
       ARRAY(SELECT coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, u.position::integer, true))
             FROM unnest(i.indkey) WITH ORDINALITY u (number, position)
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number AND u.number > 0
             ORDER BY u.position),
       ARRAY(SELECT o.opcname::text FROM unnest(i.indclass) WITH ORDINALITY u (class, position)
             JOIN pg_opclass o ON o.oid = u.class ORDER BY u.position),
       ARRAY(SELECT u.bits::integer FROM unnest(i.indoption) WITH ORDINALITY u (bits, position) ORDER BY u.position)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
WHERE c.relnamespace = CAST(:schema AS regnamespace)
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))

-- :enums
-- Which enum types are there, with which values in which order?
SELECT t.typname::text, array_agg(e.enumlabel::text ORDER BY e.enumsortorder)
FROM pg_type t
JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = CAST(:schema AS regnamespace)
GROUP BY t.typname

-- :search_path
-- The path on which the schema's own types and those of extensions are named without their schema.
SELECT set_config('search_path', concat_ws(', ', CAST(:schema AS text),
    (SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') FROM pg_extension e
     JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname NOT IN ('pg_catalog', CAST(:schema AS text))),
    'pg_catalog'), true)
