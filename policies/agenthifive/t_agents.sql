-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_agents
-- A row is seen where workspace_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_agents FORCE ROW LEVEL SECURITY;
CREATE POLICY t_agents_guard ON agenthifive.t_agents
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agents_delete ON agenthifive.t_agents
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agents_insert ON agenthifive.t_agents
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agents_select ON agenthifive.t_agents
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agents_update ON agenthifive.t_agents
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agents TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agents TO tenancy_system;
