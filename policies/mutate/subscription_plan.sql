-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- mutate.subscription_plan
-- Everybody sees every row.
-- The application may read, and nothing else.

GRANT SELECT ON mutate.subscription_plan TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON mutate.subscription_plan TO tenancy_system;
