-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.configuration_version
-- A row is seen where the row that configuration_id refers to is seen.
-- The application may read, insert, and nothing else.

ALTER TABLE mutate.configuration_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.configuration_version FORCE ROW LEVEL SECURITY;
CREATE POLICY configuration_version_guard ON mutate.configuration_version
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM mutate.configuration parent1 WHERE ((parent1.id = configuration_version.configuration_id) AND (parent1.organization_id = tenancy.current_tenant_text())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM mutate.configuration parent1 WHERE ((parent1.id = configuration_version.configuration_id) AND (parent1.organization_id = tenancy.current_tenant_text())))));
CREATE POLICY configuration_version_insert ON mutate.configuration_version
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((EXISTS ( SELECT 1 FROM mutate.configuration parent1 WHERE ((parent1.id = configuration_version.configuration_id) AND (parent1.organization_id = tenancy.current_tenant_text())))));
CREATE POLICY configuration_version_select ON mutate.configuration_version
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM mutate.configuration parent1 WHERE ((parent1.id = configuration_version.configuration_id) AND (parent1.organization_id = tenancy.current_tenant_text())))));
GRANT INSERT, SELECT ON mutate.configuration_version TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.configuration_version TO tenancy_system;
