-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.pkce_challenges
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.pkce_challenges ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.pkce_challenges FORCE ROW LEVEL SECURITY;
CREATE POLICY pkce_challenges_guard ON connectors.pkce_challenges
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY pkce_challenges_delete ON connectors.pkce_challenges
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY pkce_challenges_insert ON connectors.pkce_challenges
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY pkce_challenges_select ON connectors.pkce_challenges
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY pkce_challenges_update ON connectors.pkce_challenges
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.pkce_challenges TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.pkce_challenges TO tenancy_system;
