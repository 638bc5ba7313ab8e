-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.user
-- A row is seen where id is the current user.
-- The application may read, insert, update, and nothing else.

ALTER TABLE codebuff."user" ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff."user" FORCE ROW LEVEL SECURITY;
CREATE POLICY user_guard ON codebuff."user"
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_user_id_text()))
    WITH CHECK ((id = tenancy.current_user_id_text()));
CREATE POLICY user_insert ON codebuff."user"
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_user_id_text()));
CREATE POLICY user_select ON codebuff."user"
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_user_id_text()));
CREATE POLICY user_update ON codebuff."user"
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_user_id_text()))
    WITH CHECK ((id = tenancy.current_user_id_text()));
GRANT INSERT, SELECT, UPDATE ON codebuff."user" TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff."user" TO tenancy_system;
