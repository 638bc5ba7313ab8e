-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.limit_override
-- A row is seen where user_id is the current user.
-- The application may read, and nothing else.

ALTER TABLE codebuff.limit_override ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.limit_override FORCE ROW LEVEL SECURITY;
CREATE POLICY limit_override_guard ON codebuff.limit_override
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY limit_override_select ON codebuff.limit_override
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
GRANT SELECT ON codebuff.limit_override TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.limit_override TO tenancy_system;
