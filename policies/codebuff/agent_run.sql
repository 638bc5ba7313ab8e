-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.agent_run
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.agent_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.agent_run FORCE ROW LEVEL SECURITY;
CREATE POLICY agent_run_guard ON codebuff.agent_run
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_run_delete ON codebuff.agent_run
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_run_insert ON codebuff.agent_run
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_run_select ON codebuff.agent_run
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY agent_run_update ON codebuff.agent_run
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_run TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_run TO tenancy_system;
