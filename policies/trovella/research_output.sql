-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.research_output
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.research_output ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.research_output FORCE ROW LEVEL SECURITY;
CREATE POLICY research_output_guard ON trovella.research_output
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_output_delete ON trovella.research_output
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_output_insert ON trovella.research_output
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_output_select ON trovella.research_output
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_output_update ON trovella.research_output
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.research_output TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.research_output TO tenancy_system;
