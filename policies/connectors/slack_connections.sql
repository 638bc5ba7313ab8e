-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.slack_connections
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE connectors.slack_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.slack_connections FORCE ROW LEVEL SECURITY;
CREATE POLICY slack_connections_guard ON connectors.slack_connections
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_connections_delete ON connectors.slack_connections
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_connections_insert ON connectors.slack_connections
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_connections_select ON connectors.slack_connections
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_connections_update ON connectors.slack_connections
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.slack_connections TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.slack_connections TO tenancy_system;
