-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.session
-- A row is seen where userId is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.session ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.session FORCE ROW LEVEL SECURITY;
CREATE POLICY session_guard ON codebuff.session
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()))
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
CREATE POLICY session_delete ON codebuff.session
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()));
CREATE POLICY session_insert ON codebuff.session
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
CREATE POLICY session_select ON codebuff.session
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()));
CREATE POLICY session_update ON codebuff.session
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()))
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.session TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.session TO tenancy_system;
