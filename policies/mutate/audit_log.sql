-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.audit_log
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE mutate.audit_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.audit_log FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_log_guard ON mutate.audit_log
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY audit_log_insert ON mutate.audit_log
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY audit_log_select ON mutate.audit_log
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON mutate.audit_log TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.audit_log TO tenancy_system;
