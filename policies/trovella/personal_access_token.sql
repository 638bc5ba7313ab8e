-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.personal_access_token
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.personal_access_token ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.personal_access_token FORCE ROW LEVEL SECURITY;
CREATE POLICY personal_access_token_guard ON trovella.personal_access_token
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY personal_access_token_delete ON trovella.personal_access_token
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY personal_access_token_insert ON trovella.personal_access_token
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY personal_access_token_select ON trovella.personal_access_token
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY personal_access_token_update ON trovella.personal_access_token
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.personal_access_token TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.personal_access_token TO tenancy_system;
