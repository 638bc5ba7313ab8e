-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.agent_runs
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.agent_runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.agent_runs FORCE ROW LEVEL SECURITY;
CREATE POLICY agent_runs_guard ON connectors.agent_runs
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_runs_delete ON connectors.agent_runs
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_runs_insert ON connectors.agent_runs
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_runs_select ON connectors.agent_runs
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_runs_update ON connectors.agent_runs
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.agent_runs TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.agent_runs TO tenancy_system;
