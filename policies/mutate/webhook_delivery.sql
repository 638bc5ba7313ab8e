-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.webhook_delivery
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.webhook_delivery ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.webhook_delivery FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_delivery_guard ON mutate.webhook_delivery
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY webhook_delivery_delete ON mutate.webhook_delivery
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY webhook_delivery_insert ON mutate.webhook_delivery
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY webhook_delivery_select ON mutate.webhook_delivery
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY webhook_delivery_update ON mutate.webhook_delivery
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.webhook_delivery TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.webhook_delivery TO tenancy_system;
