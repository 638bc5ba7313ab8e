-- name: fill
INSERT INTO document (id, organization_id, title, labels, words, pages, amount, status)
SELECT number,
    md5('organization ' || CASE WHEN number % 2 = 0 THEN 1 ELSE 2 + number / 2 % 100 END)::uuid,
    'Document ' || number,
    jsonb_build_object('kind', number / 2 % 2000, 'urgent', number % 3 = 0),
    to_tsvector('simple', 'document word' || number / 2 % 2000),
    int4range(number, number + 10),
    number * 0.01,
    (CASE number / 2 % 1000 WHEN 0 THEN 'overdue' WHEN 1 THEN 'draft' WHEN 2 THEN 'sent' ELSE 'paid' END)::status
FROM generate_series(1, current_setting('bench.rows')::int) AS number;

-- name: plain
CREATE SCHEMA plain AUTHORIZATION bench_plain;
CREATE TABLE plain.document (LIKE public.document INCLUDING ALL);
GRANT SELECT, INSERT, UPDATE, DELETE ON plain.document TO bench_plain;

-- name: copy
INSERT INTO plain.document SELECT * FROM public.document;
