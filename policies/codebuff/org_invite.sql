-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.org_invite
-- A row is seen where org_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.org_invite ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.org_invite FORCE ROW LEVEL SECURITY;
CREATE POLICY org_invite_guard ON codebuff.org_invite
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_invite_delete ON codebuff.org_invite
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_invite_insert ON codebuff.org_invite
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_invite_select ON codebuff.org_invite
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_invite_update ON codebuff.org_invite
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_invite TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_invite TO tenancy_system;
