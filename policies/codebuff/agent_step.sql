-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.agent_step
-- A row is seen where the row that agent_run_id refers to is seen.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.agent_step ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.agent_step FORCE ROW LEVEL SECURITY;
CREATE POLICY agent_step_guard ON codebuff.agent_step
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY agent_step_delete ON codebuff.agent_step
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY agent_step_insert ON codebuff.agent_step
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY agent_step_select ON codebuff.agent_step
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
CREATE POLICY agent_step_update ON codebuff.agent_step
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))))
    WITH CHECK ((EXISTS ( SELECT 1 FROM codebuff.agent_run parent1 WHERE ((parent1.id = agent_step.agent_run_id) AND (parent1.user_id = tenancy.current_user_id_text())))));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_step TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.agent_step TO tenancy_system;
