-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.active_conversion
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.active_conversion ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.active_conversion FORCE ROW LEVEL SECURITY;
CREATE POLICY active_conversion_guard ON mutate.active_conversion
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY active_conversion_delete ON mutate.active_conversion
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY active_conversion_insert ON mutate.active_conversion
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY active_conversion_select ON mutate.active_conversion
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY active_conversion_update ON mutate.active_conversion
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.active_conversion TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.active_conversion TO tenancy_system;
