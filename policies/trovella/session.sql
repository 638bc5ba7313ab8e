-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.session
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.session FORCE ROW LEVEL SECURITY;
CREATE POLICY session_guard ON trovella.session
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_delete ON trovella.session
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_insert ON trovella.session
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_select ON trovella.session
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY session_update ON trovella.session
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.session TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.session TO tenancy_system;
