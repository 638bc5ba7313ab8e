-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.session
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.session FORCE ROW LEVEL SECURITY;
CREATE POLICY session_guard ON mutate.session
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_delete ON mutate.session
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_insert ON mutate.session
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_select ON mutate.session
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_update ON mutate.session
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.session TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.session TO tenancy_system;
