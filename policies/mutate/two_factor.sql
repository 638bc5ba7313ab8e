-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.two_factor
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.two_factor ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.two_factor TO tenancy_system;
