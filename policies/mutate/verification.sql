-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.verification
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.verification ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.verification TO tenancy_system;
