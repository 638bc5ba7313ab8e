-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.account
-- A row is seen where userId is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.account ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.account FORCE ROW LEVEL SECURITY;
CREATE POLICY account_guard ON codebuff.account
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()))
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
CREATE POLICY account_delete ON codebuff.account
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()));
CREATE POLICY account_insert ON codebuff.account
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
CREATE POLICY account_select ON codebuff.account
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()));
CREATE POLICY account_update ON codebuff.account
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (("userId" = tenancy.current_user_id_text()))
    WITH CHECK (("userId" = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.account TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.account TO tenancy_system;
