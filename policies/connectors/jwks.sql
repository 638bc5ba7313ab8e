-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.jwks
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE connectors.jwks ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.jwks TO tenancy_system;
