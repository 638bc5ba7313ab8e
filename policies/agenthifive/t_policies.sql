-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_policies
-- A row is seen where the row that agent_id refers to is seen and the row that connection_id refers to is seen.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_policies FORCE ROW LEVEL SECURITY;
CREATE POLICY t_policies_guard ON agenthifive.t_policies
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))))
    WITH CHECK (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))));
CREATE POLICY t_policies_delete ON agenthifive.t_policies
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))));
CREATE POLICY t_policies_insert ON agenthifive.t_policies
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))));
CREATE POLICY t_policies_select ON agenthifive.t_policies
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))));
CREATE POLICY t_policies_update ON agenthifive.t_policies
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))))
    WITH CHECK (((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = t_policies.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = t_policies.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_policies TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_policies TO tenancy_system;
