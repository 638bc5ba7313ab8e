-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.feature_flags
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.feature_flags ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.feature_flags TO tenancy_system;
