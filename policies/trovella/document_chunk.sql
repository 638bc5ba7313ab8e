-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.document_chunk
-- A row is seen where organization_id is the current tenant.
-- The application may read, insert, update, delete.

ALTER TABLE trovella.document_chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE trovella.document_chunk FORCE ROW LEVEL SECURITY;
CREATE POLICY document_chunk_guard ON trovella.document_chunk
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY document_chunk_delete ON trovella.document_chunk
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY document_chunk_insert ON trovella.document_chunk
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY document_chunk_select ON trovella.document_chunk
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()));
CREATE POLICY document_chunk_update ON trovella.document_chunk
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((organization_id = tenancy.current_tenant_text()))
    WITH CHECK ((organization_id = tenancy.current_tenant_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.document_chunk TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.document_chunk TO tenancy_system;
