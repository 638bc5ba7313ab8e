-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.org_member
-- A row is seen where org_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.org_member ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.org_member FORCE ROW LEVEL SECURITY;
CREATE POLICY org_member_guard ON codebuff.org_member
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_member_delete ON codebuff.org_member
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_member_insert ON codebuff.org_member
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_member_select ON codebuff.org_member
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_member_update ON codebuff.org_member
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_member TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_member TO tenancy_system;
