-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- trovella.ai_model
-- Everybody sees every row.
-- The application may read, and nothing else.

GRANT SELECT ON trovella.ai_model TO tenancy_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON trovella.ai_model TO tenancy_system;
