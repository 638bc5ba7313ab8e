-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.publisher
-- A row is seen where org_id is the current tenant, or org_id is empty and user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.publisher ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.publisher FORCE ROW LEVEL SECURITY;
CREATE POLICY publisher_guard ON codebuff.publisher
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY publisher_delete ON codebuff.publisher
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY publisher_insert ON codebuff.publisher
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY publisher_select ON codebuff.publisher
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY publisher_update ON codebuff.publisher
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.publisher TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.publisher TO tenancy_system;
