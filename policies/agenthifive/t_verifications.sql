-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.t_verifications
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE agenthifive.t_verifications ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.t_verifications TO tenancy_system;
