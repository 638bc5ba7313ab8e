-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.referral
-- A row is seen where referrer_id is the current user, or referred_id is the current user.
-- The application may read, and nothing else.

ALTER TABLE codebuff.referral ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.referral FORCE ROW LEVEL SECURITY;
CREATE POLICY referral_guard ON codebuff.referral
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (((referrer_id = tenancy.current_user_id_text()) OR (referred_id = tenancy.current_user_id_text())))
    WITH CHECK (((referrer_id = tenancy.current_user_id_text()) OR (referred_id = tenancy.current_user_id_text())));
CREATE POLICY referral_select ON codebuff.referral
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING (((referrer_id = tenancy.current_user_id_text()) OR (referred_id = tenancy.current_user_id_text())));
GRANT SELECT ON codebuff.referral TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.referral TO tenancy_system;
