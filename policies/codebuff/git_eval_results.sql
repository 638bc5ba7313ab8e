-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- codebuff.git_eval_results
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE codebuff.git_eval_results ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON codebuff.git_eval_results TO tenancy_system;
