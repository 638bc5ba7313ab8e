-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.org
-- A row is seen where id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.org ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.org FORCE ROW LEVEL SECURITY;
CREATE POLICY org_guard ON codebuff.org
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY org_delete ON codebuff.org
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY org_insert ON codebuff.org
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY org_select ON codebuff.org
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY org_update ON codebuff.org
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org TO tenancy_system;
