-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.account
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.account FORCE ROW LEVEL SECURITY;
CREATE POLICY account_guard ON mutate.account
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY account_delete ON mutate.account
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY account_insert ON mutate.account
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY account_select ON mutate.account
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY account_update ON mutate.account
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.account TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.account TO tenancy_system;
