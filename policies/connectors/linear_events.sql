-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.linear_events
-- A row is seen where user_id is the current user.
-- The application may read, insert, and nothing else.

ALTER TABLE connectors.linear_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.linear_events FORCE ROW LEVEL SECURITY;
CREATE POLICY linear_events_guard ON connectors.linear_events
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY linear_events_insert ON connectors.linear_events
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY linear_events_select ON connectors.linear_events
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
GRANT INSERT, SELECT ON connectors.linear_events TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.linear_events TO tenancy_system;
