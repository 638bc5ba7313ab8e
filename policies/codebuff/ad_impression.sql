-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.ad_impression
-- A row is seen where user_id is the current user.
-- The application may read, insert, update, delete.

ALTER TABLE codebuff.ad_impression ENABLE ROW LEVEL SECURITY;
ALTER TABLE codebuff.ad_impression FORCE ROW LEVEL SECURITY;
CREATE POLICY ad_impression_guard ON codebuff.ad_impression
    AS RESTRICTIVE FOR ALL TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY ad_impression_delete ON codebuff.ad_impression
    AS PERMISSIVE FOR DELETE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY ad_impression_insert ON codebuff.ad_impression
    AS PERMISSIVE FOR INSERT TO PUBLIC
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
CREATE POLICY ad_impression_select ON codebuff.ad_impression
    AS PERMISSIVE FOR SELECT TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()));
CREATE POLICY ad_impression_update ON codebuff.ad_impression
    AS PERMISSIVE FOR UPDATE TO PUBLIC
    USING ((user_id = tenancy.current_user_id_text()))
    WITH CHECK ((user_id = tenancy.current_user_id_text()));
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.ad_impression TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.ad_impression TO tenancy_system;
