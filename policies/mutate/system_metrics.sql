-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.system_metrics
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.system_metrics ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.system_metrics TO tenancy_system;
