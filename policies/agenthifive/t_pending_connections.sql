-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_pending_connections
-- A row is seen where workspace_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_pending_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_pending_connections FORCE ROW LEVEL SECURITY;
CREATE POLICY t_pending_connections_guard ON agenthifive.t_pending_connections
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_pending_connections_delete ON agenthifive.t_pending_connections
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_pending_connections_insert ON agenthifive.t_pending_connections
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_pending_connections_select ON agenthifive.t_pending_connections
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()));
CREATE POLICY t_pending_connections_update ON agenthifive.t_pending_connections
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((workspace_id = tenancy.current_tenant()))
    WITH CHECK ((workspace_id = tenancy.current_tenant()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_pending_connections TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_pending_connections TO tenancy_system;
