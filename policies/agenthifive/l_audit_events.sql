-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.l_audit_events
-- A row is seen where the row that agent_id refers to is seen and the row that connection_id refers to is seen, or the row that agent_id refers to is seen and connection_id is empty, or agent_id is empty and the row that connection_id refers to is seen.
-- The application may read, insert, and nothing else.

ALTER TABLE agenthifive.l_audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.l_audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY l_audit_events_guard ON agenthifive.l_audit_events
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))) OR ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (connection_id IS NULL)) OR ((agent_id IS NULL) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant())))))))
    WITH CHECK ((((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))) OR ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (connection_id IS NULL)) OR ((agent_id IS NULL) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant())))))));
CREATE POLICY l_audit_events_insert ON agenthifive.l_audit_events
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))) OR ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (connection_id IS NULL)) OR ((agent_id IS NULL) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant())))))));
CREATE POLICY l_audit_events_select ON agenthifive.l_audit_events
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant()))))) OR ((EXISTS ( SELECT 1 FROM agenthifive.t_agents parent1 WHERE ((parent1.id = l_audit_events.agent_id) AND (parent1.workspace_id = tenancy.current_tenant())))) AND (connection_id IS NULL)) OR ((agent_id IS NULL) AND (EXISTS ( SELECT 1 FROM agenthifive.t_connections parent1 WHERE ((parent1.id = l_audit_events.connection_id) AND (parent1.workspace_id = tenancy.current_tenant())))))));
GRANT INSERT, SELECT ON agenthifive.l_audit_events TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.l_audit_events TO tenancy_system;
