-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.organization
-- A row is seen where id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.organization ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.organization FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_guard ON mutate.organization
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY organization_delete ON mutate.organization
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY organization_insert ON mutate.organization
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY organization_select ON mutate.organization
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY organization_update ON mutate.organization
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.organization TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.organization TO tenancy_system;
