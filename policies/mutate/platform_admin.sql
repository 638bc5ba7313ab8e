-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.platform_admin
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.platform_admin ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.platform_admin TO tenancy_system;
