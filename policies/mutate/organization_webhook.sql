-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.organization_webhook
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.organization_webhook ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.organization_webhook FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_webhook_guard ON mutate.organization_webhook
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY organization_webhook_delete ON mutate.organization_webhook
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY organization_webhook_insert ON mutate.organization_webhook
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY organization_webhook_select ON mutate.organization_webhook
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY organization_webhook_update ON mutate.organization_webhook
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.organization_webhook TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.organization_webhook TO tenancy_system;
