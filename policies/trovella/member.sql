-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.member
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.member ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.member FORCE ROW LEVEL SECURITY;
CREATE POLICY member_guard ON trovella.member
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY member_delete ON trovella.member
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY member_insert ON trovella.member
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY member_select ON trovella.member
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY member_update ON trovella.member
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.member TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.member TO tenancy_system;
