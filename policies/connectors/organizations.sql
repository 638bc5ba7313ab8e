-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.organizations
-- A row is seen where id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations_guard ON connectors.organizations
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY organizations_delete ON connectors.organizations
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY organizations_insert ON connectors.organizations
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_tenant_text()));
CREATE POLICY organizations_select ON connectors.organizations
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_tenant_text()));
CREATE POLICY organizations_update ON connectors.organizations
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_tenant_text()))
    WITH CHECK ((id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.organizations TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.organizations TO tenancy_system;
