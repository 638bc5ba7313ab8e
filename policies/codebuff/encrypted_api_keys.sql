-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.encrypted_api_keys
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.encrypted_api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.encrypted_api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY encrypted_api_keys_guard ON codebuff.encrypted_api_keys
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY encrypted_api_keys_delete ON codebuff.encrypted_api_keys
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY encrypted_api_keys_insert ON codebuff.encrypted_api_keys
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY encrypted_api_keys_select ON codebuff.encrypted_api_keys
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY encrypted_api_keys_update ON codebuff.encrypted_api_keys
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.encrypted_api_keys TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.encrypted_api_keys TO tenancy_system;
