-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.sync_failure
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE codebuff.sync_failure ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.sync_failure TO tenancy_system;
