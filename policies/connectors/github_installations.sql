-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.github_installations
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.github_installations ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.github_installations FORCE ROW LEVEL SECURITY;
CREATE POLICY github_installations_guard ON connectors.github_installations
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY github_installations_delete ON connectors.github_installations
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY github_installations_insert ON connectors.github_installations
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY github_installations_select ON connectors.github_installations
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY github_installations_update ON connectors.github_installations
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.github_installations TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.github_installations TO tenancy_system;
