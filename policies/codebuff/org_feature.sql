-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.org_feature
-- A row is seen where org_id is the current tenant.
-- The application may read, and nothing else.

ALTER TABLE codebuff.org_feature ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.org_feature FORCE ROW LEVEL SECURITY;
CREATE POLICY org_feature_guard ON codebuff.org_feature
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()))
    WITH CHECK ((org_id = tenancy.current_tenant_text()));
CREATE POLICY org_feature_select ON codebuff.org_feature
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((org_id = tenancy.current_tenant_text()));
GRANT SELECT ON codebuff.org_feature TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.org_feature TO tenancy_system;
