-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.ai_usage
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE trovella.ai_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.ai_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_usage_guard ON trovella.ai_usage
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_usage_insert ON trovella.ai_usage
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_usage_select ON trovella.ai_usage
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON trovella.ai_usage TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.ai_usage TO tenancy_system;
