-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.user
-- A row is seen where id is the current user.
-- The application may read, insert, update, and nothing else.

ALTER TABLE mutate."user" ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate."user" FORCE ROW LEVEL SECURITY;
CREATE POLICY user_guard ON mutate."user"
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_user_id_text()))
    WITH CHECK ((id = tenancy.current_user_id_text()));
CREATE POLICY user_insert ON mutate."user"
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_user_id_text()));
CREATE POLICY user_select ON mutate."user"
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_user_id_text()));
CREATE POLICY user_update ON mutate."user"
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_user_id_text()))
    WITH CHECK ((id = tenancy.current_user_id_text()));
GRANT INSERT, SELECT, UPDATE ON mutate."user" TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate."user" TO tenancy_system;
