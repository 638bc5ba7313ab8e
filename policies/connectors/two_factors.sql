-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.two_factors
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.two_factors ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.two_factors FORCE ROW LEVEL SECURITY;
CREATE POLICY two_factors_guard ON connectors.two_factors
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY two_factors_delete ON connectors.two_factors
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY two_factors_insert ON connectors.two_factors
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY two_factors_select ON connectors.two_factors
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY two_factors_update ON connectors.two_factors
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.two_factors TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.two_factors TO tenancy_system;
