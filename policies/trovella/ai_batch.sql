-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.ai_batch
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.ai_batch ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.ai_batch FORCE ROW LEVEL SECURITY;
CREATE POLICY ai_batch_guard ON trovella.ai_batch
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_batch_delete ON trovella.ai_batch
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_batch_insert ON trovella.ai_batch
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_batch_select ON trovella.ai_batch
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY ai_batch_update ON trovella.ai_batch
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.ai_batch TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.ai_batch TO tenancy_system;
