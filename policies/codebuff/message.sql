-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.message
-- A row is seen where org_id is the current tenant, or org_id is empty and user_id is the current user.
-- The application may read, insert, and nothing else.

ALTER TABLE codebuff.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.message FORCE ROW LEVEL SECURITY;
CREATE POLICY message_guard ON codebuff.message
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY message_insert ON codebuff.message
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY message_select ON codebuff.message
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
GRANT INSERT, SELECT ON codebuff.message TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.message TO tenancy_system;
