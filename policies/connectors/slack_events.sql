-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.slack_events
-- A row is seen where user_id is the current user.
-- The application may read, insert, and nothing else.

ALTER TABLE connectors.slack_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE connectors.slack_events FORCE ROW LEVEL SECURITY;
CREATE POLICY slack_events_guard ON connectors.slack_events
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_events_insert ON connectors.slack_events
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY slack_events_select ON connectors.slack_events
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
GRANT INSERT, SELECT ON connectors.slack_events TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.slack_events TO tenancy_system;
