-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.skill_execution
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.skill_execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.skill_execution FORCE ROW LEVEL SECURITY;
CREATE POLICY skill_execution_guard ON trovella.skill_execution
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY skill_execution_delete ON trovella.skill_execution
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY skill_execution_insert ON trovella.skill_execution
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY skill_execution_select ON trovella.skill_execution
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY skill_execution_update ON trovella.skill_execution
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.skill_execution TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.skill_execution TO tenancy_system;
