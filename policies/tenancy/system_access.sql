-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- tenancy.system_access
-- The record of system sessions. Only the system role reads and appends.

ALTER TABLE tenancy.system_access ENABLE ROW LEVEL SECURITY;
GRANT INSERT, SELECT ON tenancy.system_access TO tenancy_system;
