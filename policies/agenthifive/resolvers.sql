-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as
-- the system role, and only tenancy_app may call it.

CREATE FUNCTION agenthifive.user_of_session(session_token text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_sessions.user_id FROM agenthifive.t_sessions WHERE agenthifive.t_sessions.token = user_of_session.session_token AND agenthifive.t_sessions.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.user_of_session(session_token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.user_of_session(session_token text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.user_of_session(session_token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspaces_of_user(owner uuid)
    RETURNS uuid[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT agenthifive.t_workspaces.id FROM agenthifive.t_workspaces WHERE agenthifive.t_workspaces.owner_id = workspaces_of_user.owner) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION agenthifive.workspaces_of_user(owner uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspaces_of_user(owner uuid) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspaces_of_user(owner uuid) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_personal_access_token(hash text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_personal_access_tokens.workspace_id FROM agenthifive.t_personal_access_tokens WHERE agenthifive.t_personal_access_tokens.token_hash = workspace_of_personal_access_token.hash AND agenthifive.t_personal_access_tokens.revoked_at IS NULL AND agenthifive.t_personal_access_tokens.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_personal_access_token(hash text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_personal_access_token(hash text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_personal_access_token(hash text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.user_of_personal_access_token(hash text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_personal_access_tokens.user_id FROM agenthifive.t_personal_access_tokens WHERE agenthifive.t_personal_access_tokens.token_hash = user_of_personal_access_token.hash AND agenthifive.t_personal_access_tokens.revoked_at IS NULL AND agenthifive.t_personal_access_tokens.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.user_of_personal_access_token(hash text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.user_of_personal_access_token(hash text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.user_of_personal_access_token(hash text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_quick_action(quick_action text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_approval_requests.workspace_id FROM agenthifive.t_approval_requests WHERE agenthifive.t_approval_requests.quick_action_token = workspace_of_quick_action.quick_action AND agenthifive.t_approval_requests.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_quick_action(quick_action text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_quick_action(quick_action text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_quick_action(quick_action text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_pending_connection(returned_state text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_pending_connections.workspace_id FROM agenthifive.t_pending_connections WHERE agenthifive.t_pending_connections.state = workspace_of_pending_connection.returned_state AND agenthifive.t_pending_connections.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_pending_connection(returned_state text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_pending_connection(returned_state text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_pending_connection(returned_state text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_agent(agent uuid)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_agents.workspace_id FROM agenthifive.t_agents WHERE agenthifive.t_agents.id = workspace_of_agent.agent) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_agent(agent uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_agent(agent uuid) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_agent(agent uuid) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_agent_access_token(hash text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_agent_access_tokens.workspace_id FROM agenthifive.t_agent_access_tokens WHERE agenthifive.t_agent_access_tokens.token_hash = workspace_of_agent_access_token.hash AND agenthifive.t_agent_access_tokens.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_agent_access_token(hash text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_agent_access_token(hash text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_agent_access_token(hash text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;

CREATE FUNCTION agenthifive.workspace_of_bootstrap_secret(hash text, purpose text)
    RETURNS uuid LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT agenthifive.t_agents.workspace_id FROM agenthifive.t_agents JOIN agenthifive.t_agent_bootstrap_secrets ON agenthifive.t_agent_bootstrap_secrets.agent_id = agenthifive.t_agents.id WHERE agenthifive.t_agent_bootstrap_secrets.secret_hash = workspace_of_bootstrap_secret.hash AND agenthifive.t_agent_bootstrap_secrets.type = workspace_of_bootstrap_secret.purpose AND agenthifive.t_agent_bootstrap_secrets.consumed_at IS NULL AND agenthifive.t_agent_bootstrap_secrets.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION agenthifive.workspace_of_bootstrap_secret(hash text, purpose text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION agenthifive.workspace_of_bootstrap_secret(hash text, purpose text) TO tenancy_app;
GRANT CREATE ON SCHEMA agenthifive TO tenancy_system;
ALTER FUNCTION agenthifive.workspace_of_bootstrap_secret(hash text, purpose text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA agenthifive FROM tenancy_system;
