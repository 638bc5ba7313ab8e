-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.verification
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE trovella.verification ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.verification TO tenancy_system;
