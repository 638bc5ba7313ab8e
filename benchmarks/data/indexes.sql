-- name: indexes
-- Keys to other tables go first and come last: they need the others.
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS create,
    CASE contype WHEN 'f' THEN 1 ELSE 2 END AS rank
FROM pg_constraint
WHERE connamespace = CAST(:schema AS regnamespace) AND contype IN ('f', 'p', 'u')
UNION ALL
SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid), 3
FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
WHERE relnamespace = CAST(:schema AS regnamespace)
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
ORDER BY rank;

-- name: memory
SET LOCAL maintenance_work_mem = '1GB';
SET LOCAL work_mem = '1GB';
