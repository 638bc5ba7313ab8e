-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.ai_call_details
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE trovella.ai_call_details ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.ai_call_details FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_call_details_guard ON trovella.ai_call_details
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_call_details_insert ON trovella.ai_call_details
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_call_details_select ON trovella.ai_call_details
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON trovella.ai_call_details TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.ai_call_details TO tenancy_system;
