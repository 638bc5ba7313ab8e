-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.notification
-- A row is seen where organization_id is the current tenant and organization_id is the current tenant and user_id is empty, or user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE mutate.notification ENABLE ROW LEVEL SECURITY;
ALTER TABLE mutate.notification FORCE ROW LEVEL SECURITY;
CREATE POLICY notification_guard ON mutate.notification
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY notification_delete ON mutate.notification
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY notification_insert ON mutate.notification
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY notification_select ON mutate.notification
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))));
CREATE POLICY notification_update ON mutate.notification
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))))
    WITH CHECK (((organization_id = tenancy.current_tenant_text()) AND (((organization_id = tenancy.current_tenant_if_set_text()) AND (user_id IS NULL)) OR (user_id = tenancy.current_user_id_if_set_text()))));
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.notification TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.notification TO tenancy_system;
