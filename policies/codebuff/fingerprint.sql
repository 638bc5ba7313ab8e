-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.fingerprint
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE codebuff.fingerprint ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.fingerprint TO tenancy_system;
