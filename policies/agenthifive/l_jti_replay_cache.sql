-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- agenthifive.l_jti_replay_cache
-- Private: the application role sees nothing.
-- Only migrations and the system role reach it.

ALTER TABLE agenthifive.l_jti_replay_cache ENABLE ROW LEVEL SECURITY;
GRANT DELETE, INSERT, SELECT, UPDATE ON agenthifive.l_jti_replay_cache TO tenancy_system;
