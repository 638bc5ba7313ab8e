-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.org_repo
-- A row is seen where org_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.org_repo ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.org_repo FORCE ROW LEVEL SECURITY;
CREATE POLICY org_repo_guard ON codebuff.org_repo
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_repo_delete ON codebuff.org_repo
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_repo_insert ON codebuff.org_repo
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_repo_select ON codebuff.org_repo
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_repo_update ON codebuff.org_repo
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_repo TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_repo TO tenancy_system;
