-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.extraction_result
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.extraction_result ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.extraction_result FORCE ROW LEVEL SECURITY;
CREATE POLICY extraction_result_guard ON trovella.extraction_result
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY extraction_result_delete ON trovella.extraction_result
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY extraction_result_insert ON trovella.extraction_result
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY extraction_result_select ON trovella.extraction_result
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY extraction_result_update ON trovella.extraction_result
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.extraction_result TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.extraction_result TO tenancy_system;
