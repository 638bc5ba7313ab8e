-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.research_artifact
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.research_artifact ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.research_artifact FORCE ROW LEVEL SECURITY;
CREATE POLICY research_artifact_guard ON trovella.research_artifact
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_artifact_delete ON trovella.research_artifact
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_artifact_insert ON trovella.research_artifact
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_artifact_select ON trovella.research_artifact
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY research_artifact_update ON trovella.research_artifact
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.research_artifact TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.research_artifact TO tenancy_system;
