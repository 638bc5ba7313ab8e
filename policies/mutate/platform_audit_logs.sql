-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.platform_audit_logs
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE mutate.platform_audit_logs ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.platform_audit_logs TO tenancy_system;
