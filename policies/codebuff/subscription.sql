-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.subscription
-- A row is seen where user_id is the current user.
-- The application may read, and nothing else.

ALTER TABLE codebuff.subscription ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.subscription FORCE ROW LEVEL SECURITY;
CREATE POLICY subscription_guard ON codebuff.subscription
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY subscription_select ON codebuff.subscription
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
GRANT SELECT ON codebuff.subscription TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.subscription TO tenancy_system;
