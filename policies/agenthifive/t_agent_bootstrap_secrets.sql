-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_agent_bootstrap_secrets
-- A row is seen where the row that agent_id refers to is seen.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_agent_bootstrap_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_agent_bootstrap_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY t_agent_bootstrap_secrets_guard ON agenthifive.t_agent_bootstrap_secrets
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))));
CREATE POLICY t_agent_bootstrap_secrets_delete ON agenthifive.t_agent_bootstrap_secrets
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))));
CREATE POLICY t_agent_bootstrap_secrets_insert ON agenthifive.t_agent_bootstrap_secrets
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))));
CREATE POLICY t_agent_bootstrap_secrets_select ON agenthifive.t_agent_bootstrap_secrets
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))));
CREATE POLICY t_agent_bootstrap_secrets_update ON agenthifive.t_agent_bootstrap_secrets
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_agent_bootstrap_secrets.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agent_bootstrap_secrets TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agent_bootstrap_secrets TO tenancy_system;
