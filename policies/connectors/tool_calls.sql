-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.tool_calls
-- A row is seen where the row that agent_run_id refers to is seen.
-- The application may read, insert, and nothing else.

ALTER TABLE connectors.tool_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.tool_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY tool_calls_guard ON connectors.tool_calls
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM connectors.agent_runs parent1 WHERE ((parent1.id = tool_calls.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM connectors.agent_runs parent1 WHERE ((parent1.id = tool_calls.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY tool_calls_insert ON connectors.tool_calls
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((EXISTS ( SELECT 1 FROM connectors.agent_runs parent1 WHERE ((parent1.id = tool_calls.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY tool_calls_select ON connectors.tool_calls
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM connectors.agent_runs parent1 WHERE ((parent1.id = tool_calls.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
GRANT INSERT, SELECT ON connectors.tool_calls TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.tool_calls TO tenancy_system;
