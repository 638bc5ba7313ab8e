-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_agent_access_tokens
-- A row is seen where workspace_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_agent_access_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_agent_access_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY t_agent_access_tokens_guard ON agenthifive.t_agent_access_tokens
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agent_access_tokens_delete ON agenthifive.t_agent_access_tokens
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agent_access_tokens_insert ON agenthifive.t_agent_access_tokens
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agent_access_tokens_select ON agenthifive.t_agent_access_tokens
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_agent_access_tokens_update ON agenthifive.t_agent_access_tokens
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agent_access_tokens TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_agent_access_tokens TO tenancy_system;
