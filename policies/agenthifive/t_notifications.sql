-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_notifications
-- A row is seen where workspace_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_notifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_notifications FORCE ROW LEVEL SECURITY;
CREATE POLICY t_notifications_guard ON agenthifive.t_notifications
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_notifications_delete ON agenthifive.t_notifications
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_notifications_insert ON agenthifive.t_notifications
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_notifications_select ON agenthifive.t_notifications
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_notifications_update ON agenthifive.t_notifications
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_notifications TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_notifications TO tenancy_system;
