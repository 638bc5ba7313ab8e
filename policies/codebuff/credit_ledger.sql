-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.credit_ledger
-- A row is seen where org_id is the current tenant, or org_id is empty and user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.credit_ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.credit_ledger FORCE ROW LEVEL SECURITY;
CREATE POLICY credit_ledger_guard ON codebuff.credit_ledger
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY credit_ledger_delete ON codebuff.credit_ledger
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY credit_ledger_insert ON codebuff.credit_ledger
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY credit_ledger_select ON codebuff.credit_ledger
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY credit_ledger_update ON codebuff.credit_ledger
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((org_id = tenancy.current_tenant_if_set_text()) OR ((org_id IS NULL) AND (user_id = tenancy.current_user_id_if_set_text()))));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.credit_ledger TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.credit_ledger TO tenancy_system;
