-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.transformation_job
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.transformation_job ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.transformation_job FORCE ROW LEVEL SECURITY;
CREATE POLICY transformation_job_guard ON mutate.transformation_job
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY transformation_job_delete ON mutate.transformation_job
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY transformation_job_insert ON mutate.transformation_job
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY transformation_job_select ON mutate.transformation_job
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY transformation_job_update ON mutate.transformation_job
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.transformation_job TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.transformation_job TO tenancy_system;
