-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.plan_branching_condition
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.plan_branching_condition ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.plan_branching_condition FORCE ROW LEVEL SECURITY;
CREATE POLICY plan_branching_condition_guard ON trovella.plan_branching_condition
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_branching_condition_delete ON trovella.plan_branching_condition
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_branching_condition_insert ON trovella.plan_branching_condition
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_branching_condition_select ON trovella.plan_branching_condition
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY plan_branching_condition_update ON trovella.plan_branching_condition
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.plan_branching_condition TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.plan_branching_condition TO tenancy_system;
