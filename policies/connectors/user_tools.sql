-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.user_tools
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.user_tools ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.user_tools FORCE ROW LEVEL SECURITY;
CREATE POLICY user_tools_guard ON connectors.user_tools
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY user_tools_delete ON connectors.user_tools
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY user_tools_insert ON connectors.user_tools
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY user_tools_select ON connectors.user_tools
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY user_tools_update ON connectors.user_tools
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.user_tools TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.user_tools TO tenancy_system;
