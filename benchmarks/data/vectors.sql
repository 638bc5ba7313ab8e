-- name: fill
SELECT setseed(0.5);
-- Both numbers, times nothing: otherwise one random vector would be made for all rows.
CREATE TEMPORARY TABLE cluster ON COMMIT DROP AS
SELECT cluster, (
    SELECT array_agg(random() - 0.5 + (cluster + dimension) * 0)
    FROM generate_series(1, current_setting('bench.dimensions')::int) AS dimension
)::public.halfvec AS center
FROM generate_series(0, 99) AS cluster;
-- The tenants of the sizes that are asked for come first, then one for each further thousand rows.
INSERT INTO chunk (id, organization_id, embedding)
SELECT number, md5('organization ' || CASE
    WHEN number >= current_setting('bench.rest')::int THEN 100 + number / 1000
    ELSE width_bucket(number, current_setting('bench.starts')::int[])
END)::uuid, center + (
    SELECT array_agg((random() - 0.5) * 0.8 + (number + dimension) * 0)
    FROM generate_series(1, current_setting('bench.dimensions')::int) AS dimension
)::public.halfvec
FROM generate_series(1, current_setting('bench.rows')::int) AS number
JOIN cluster ON cluster = number % 100;
