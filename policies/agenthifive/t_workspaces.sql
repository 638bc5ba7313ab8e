-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_workspaces
-- A row is seen where id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE agenthifive.t_workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenthifive.t_workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY t_workspaces_guard ON agenthifive.t_workspaces
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((id = tenancy.current_tenant()))
    WITH CHECK ((id = tenancy.current_tenant()));
CREATE POLICY t_workspaces_delete ON agenthifive.t_workspaces
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((id = tenancy.current_tenant()));
CREATE POLICY t_workspaces_insert ON agenthifive.t_workspaces
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((id = tenancy.current_tenant()));
CREATE POLICY t_workspaces_select ON agenthifive.t_workspaces
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((id = tenancy.current_tenant()));
CREATE POLICY t_workspaces_update ON agenthifive.t_workspaces
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((id = tenancy.current_tenant()))
    WITH CHECK ((id = tenancy.current_tenant()));
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_workspaces TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_workspaces TO tenancy_system;
