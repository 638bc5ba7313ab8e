-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_users
-- A row is seen where id is the current user.
-- The application may read, and nothing else.

ALTER TABLE agenthifive.t_users ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_users FORCE ROW LEVEL SECURITY;
CREATE POLICY t_users_guard ON agenthifive.t_users
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_user_id()))
    WITH CHECK ((id = tenancy.current_user_id()));
CREATE POLICY t_users_select ON agenthifive.t_users
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_user_id()));
GRANT SELECT ON agenthifive.t_users TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_users TO tenancy_system;
