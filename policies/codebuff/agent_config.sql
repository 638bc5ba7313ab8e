-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.agent_config
-- A row is seen where the row that publisher_id refers to is seen.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.agent_config ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.agent_config FORCE ROW LEVEL SECURITY;
CREATE POLICY agent_config_guard ON codebuff.agent_config
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))));
CREATE POLICY agent_config_delete ON codebuff.agent_config
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))));
CREATE POLICY agent_config_insert ON codebuff.agent_config
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))));
CREATE POLICY agent_config_select ON codebuff.agent_config
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))));
CREATE POLICY agent_config_update ON codebuff.agent_config
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.publisher parent1 WHERE ((parent1.id = agent_config.publisher_id) AND ((parent1.org_id = tenancy.current_tenant_if_set_text()) OR ((parent1.org_id IS NULL) AND (parent1.user_id = tenancy.current_user_id_if_set_text())))))));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_config TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_config TO tenancy_system;
