-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.organization_subscription
-- A row is seen where organization_id is the current tenant.
-- The application may read, and nothing else.

ALTER TABLE mutate.organization_subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.organization_subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY organization_subscription_guard ON mutate.organization_subscription
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY organization_subscription_select ON mutate.organization_subscription
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT SELECT ON mutate.organization_subscription TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.organization_subscription TO tenancy_system;
