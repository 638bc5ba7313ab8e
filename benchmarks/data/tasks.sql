-- name: fill
-- 0.618… makes neighbouring projects land far apart, and every run alike; the square thins tenants out.
INSERT INTO project (id, organization_id, name)
SELECT md5('project ' || number)::uuid, md5('organization ' || tenant)::uuid, 'Project ' || number
FROM generate_series(1, current_setting('bench.projects')::int) AS number,
    LATERAL (SELECT
        current_setting('bench.tenants')::int AS tenants,
        current_setting('bench.largest')::int AS largest,
        number * 0.6180339887498949 % 1 AS share
    ) AS chosen,
    LATERAL (SELECT CASE
        WHEN largest = 0 THEN 1 + number % tenants
        WHEN number % largest = 0 THEN 1
        ELSE least(tenants, 2 + floor((tenants - 1) * share * share)::int)
    END AS tenant) AS owned;
INSERT INTO task (id, organization_id, project_id, title, created_at)
SELECT md5('task ' || number)::uuid, project.organization_id, project.id, 'Task ' || number,
    timestamptz '2026-01-01 00:00:00+00' + number * interval '1 second'
FROM generate_series(1, current_setting('bench.projects')::int * 20) AS number
JOIN project ON project.id = md5('project ' || 1 + number % current_setting('bench.projects')::int)::uuid
ORDER BY number;

-- name: schema
CREATE SCHEMA {schema} AUTHORIZATION bench_{schema};

-- name: copy
INSERT INTO {schema}.project (id, {tenant}, name) SELECT id, organization_id, name FROM public.project;
INSERT INTO {schema}.task (id, {tenant}, project_id, title, created_at)
SELECT id, organization_id, project_id, title, created_at FROM public.task;

-- name: usual
ALTER TABLE usual.project ENABLE ROW LEVEL SECURITY;
ALTER TABLE usual.project FORCE ROW LEVEL SECURITY;
ALTER TABLE usual.task ENABLE ROW LEVEL SECURITY;
ALTER TABLE usual.task FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usual.project USING (organization_id = current_setting('app.tenant')::uuid);
CREATE POLICY tenant ON usual.task USING (organization_id = current_setting('app.tenant')::uuid);
