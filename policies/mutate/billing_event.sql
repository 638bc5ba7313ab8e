-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.billing_event
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE mutate.billing_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.billing_event FORCE ROW LEVEL SECURITY;
CREATE POLICY billing_event_guard ON mutate.billing_event
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY billing_event_insert ON mutate.billing_event
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY billing_event_select ON mutate.billing_event
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON mutate.billing_event TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.billing_event TO tenancy_system;
