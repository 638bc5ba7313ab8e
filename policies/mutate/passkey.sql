-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.passkey
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY passkey_guard ON mutate.passkey
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY passkey_delete ON mutate.passkey
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY passkey_insert ON mutate.passkey
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY passkey_select ON mutate.passkey
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY passkey_update ON mutate.passkey
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.passkey TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.passkey TO tenancy_system;
