-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.mcp_tool_call_log
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, and nothing else.

ALTER TABLE trovella.mcp_tool_call_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.mcp_tool_call_log FORCE ROW LEVEL SECURITY;
CREATE POLICY mcp_tool_call_log_guard ON trovella.mcp_tool_call_log
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY mcp_tool_call_log_insert ON trovella.mcp_tool_call_log
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY mcp_tool_call_log_select ON trovella.mcp_tool_call_log
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
GRANT INSERT, SELECT ON trovella.mcp_tool_call_log TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.mcp_tool_call_log TO tenancy_system;
