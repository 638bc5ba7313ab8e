-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- connectors.tools
-- Everybody sees every row.
-- The application may read, and nothing else.

GRANT SELECT ON connectors.tools TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON connectors.tools TO tenancy_system;
