-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_approval_requests
-- A row is seen where workspace_id is the current tenant and the row that policy_id refers to is seen.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_approval_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_approval_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY t_approval_requests_guard ON agenthifive.t_approval_requests
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))))
    WITH CHECK (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))));
CREATE POLICY t_approval_requests_delete ON agenthifive.t_approval_requests
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))));
CREATE POLICY t_approval_requests_insert ON agenthifive.t_approval_requests
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))));
CREATE POLICY t_approval_requests_select ON agenthifive.t_approval_requests
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))));
CREATE POLICY t_approval_requests_update ON agenthifive.t_approval_requests
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))))
    WITH CHECK (((workspace_id = tenancy.current_tenant()) AND (EXISTS ( SELECT 1 FROM agenthifive.t_policies parent1 WHERE ((parent1.id = t_approval_requests.policy_id) AND ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent2 WHERE ((parent2.id = parent1.agent_id) AND (parent2.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent2 WHERE ((parent2.id = parent1.connection_id) AND (parent2.workspace_id = tenancy.current_tenant()))))))))));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_approval_requests TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_approval_requests TO tenancy_system;
