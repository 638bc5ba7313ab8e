-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.verifications
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE connectors.verifications ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.verifications TO tenancy_system;
