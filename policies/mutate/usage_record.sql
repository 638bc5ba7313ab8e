-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.usage_record
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.usage_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.usage_record FORCE ROW LEVEL SECURITY;
CREATE POLICY usage_record_guard ON mutate.usage_record
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY usage_record_delete ON mutate.usage_record
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY usage_record_insert ON mutate.usage_record
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY usage_record_select ON mutate.usage_record
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY usage_record_update ON mutate.usage_record
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.usage_record TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.usage_record TO tenancy_system;
