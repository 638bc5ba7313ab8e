-- Vectors in twenty clusters; the tenants' rows are mixed.
SELECT setseed(0.5);
-- Made anew after the rows, in one go: much faster.
DROP INDEX gallery.picture_look;
CREATE TEMPORARY TABLE cluster AS SELECT cluster, (
    SELECT array_agg(random() - 0.5 + (cluster + dimension) * 0) FROM generate_series(1, 16) AS dimension
)::halfvec AS center FROM generate_series(0, 19) AS cluster;
CREATE TEMPORARY TABLE owner AS SELECT row_number() OVER (ORDER BY md5(number::text)) AS id, tenant FROM (
    SELECT number, CASE WHEN number <= 12000 THEN 1 WHEN number <= 16000 THEN 2 WHEN number <= 16040 THEN 3
                   ELSE 4 + number % 100 END AS tenant
    FROM generate_series(1, 20040) AS number
) AS owned;
INSERT INTO gallery.artist (id, organization_id, number)
SELECT tenant * 10 + number, ('00000000-0000-0000-0000-' || lpad(to_hex(tenant), 12, '0'))::uuid, number
FROM generate_series(1, 103) AS tenant, generate_series(1, 3) AS number;
INSERT INTO gallery.picture (id, organization_id, artist_id, look, colors)
SELECT id, ('00000000-0000-0000-0000-' || lpad(to_hex(tenant), 12, '0'))::uuid,
       tenant * 10 + CASE WHEN id % 100 = 0 THEN 3 ELSE 1 + id % 2 END,
       center + (SELECT array_agg((random() - 0.5) * 1.2 + (id + dimension) * 0)
                 FROM generate_series(1, 16) AS dimension)::halfvec,
       ARRAY[random(), random(), random()]::vector
FROM owner JOIN cluster ON cluster = id % 20;
INSERT INTO gallery.detail (id, picture_id, look)
SELECT picture.id * 2 + number, picture.id, look
FROM gallery.picture, generate_series(0, 1) AS number
WHERE organization_id = '00000000-0000-0000-0000-000000000003' OR picture.id % 10 = 0;
CREATE INDEX picture_look ON gallery.picture USING hnsw (look halfvec_cosine_ops);
ANALYZE gallery.picture;
ANALYZE gallery.artist;
ANALYZE gallery.detail
