-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.users
-- A row is seen where id is the current user.
-- The application may read, and nothing else.

ALTER TABLE connectors.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_guard ON connectors.users
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_user_id_text()))
    WITH CHECK ((id = tenancy.current_user_id_text()));
CREATE POLICY users_select ON connectors.users
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_user_id_text()));
GRANT SELECT ON connectors.users TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.users TO tenancy_system;
