-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_accounts
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY t_accounts_guard ON agenthifive.t_accounts
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id()))
    WITH CHECK ((user_id = tenancy.current_user_id()));
CREATE POLICY t_accounts_delete ON agenthifive.t_accounts
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id()));
CREATE POLICY t_accounts_insert ON agenthifive.t_accounts
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id()));
CREATE POLICY t_accounts_select ON agenthifive.t_accounts
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id()));
CREATE POLICY t_accounts_update ON agenthifive.t_accounts
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id()))
    WITH CHECK ((user_id = tenancy.current_user_id()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_accounts TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_accounts TO tenancy_system;
