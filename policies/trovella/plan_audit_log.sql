-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.plan_audit_log
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE trovella.plan_audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.plan_audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY plan_audit_log_guard ON trovella.plan_audit_log
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_audit_log_insert ON trovella.plan_audit_log
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_audit_log_select ON trovella.plan_audit_log
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON trovella.plan_audit_log TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.plan_audit_log TO tenancy_system;
