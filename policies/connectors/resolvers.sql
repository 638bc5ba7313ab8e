-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as
-- the system role, and only tenancy_app may call it.

CREATE FUNCTION connectors.user_of_session(session_token text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.sessions.user_id FROM connectors.sessions WHERE connectors.sessions.token = user_of_session.session_token AND connectors.sessions.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION connectors.user_of_session(session_token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.user_of_session(session_token text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.user_of_session(session_token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.user_of_email(address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.users.id FROM connectors.users WHERE connectors.users.email = user_of_email.address) AS found(id));
REVOKE ALL ON FUNCTION connectors.user_of_email(address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.user_of_email(address text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.user_of_email(address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.user_of_account(provider text, account text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.accounts.user_id FROM connectors.accounts WHERE connectors.accounts.provider_id = user_of_account.provider AND connectors.accounts.account_id = user_of_account.account) AS found(id));
REVOKE ALL ON FUNCTION connectors.user_of_account(provider text, account text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.user_of_account(provider text, account text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.user_of_account(provider text, account text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.user_of_pkce_challenge(returned_state text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.pkce_challenges.user_id FROM connectors.pkce_challenges WHERE connectors.pkce_challenges.state = user_of_pkce_challenge.returned_state AND connectors.pkce_challenges.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION connectors.user_of_pkce_challenge(returned_state text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.user_of_pkce_challenge(returned_state text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.user_of_pkce_challenge(returned_state text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.organizations_of_user(member text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT connectors.members.organization_id FROM connectors.members WHERE connectors.members.user_id = organizations_of_user.member) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION connectors.organizations_of_user(member text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.organizations_of_user(member text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.organizations_of_user(member text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.organization_of_invitation(invitation text, address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.invitations.organization_id FROM connectors.invitations WHERE connectors.invitations.id = organization_of_invitation.invitation AND connectors.invitations.email = organization_of_invitation.address AND connectors.invitations.status = 'pending' AND connectors.invitations.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION connectors.organization_of_invitation(invitation text, address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.organization_of_invitation(invitation text, address text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.organization_of_invitation(invitation text, address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.organization_of_slug(name_in_url text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT connectors.organizations.id FROM connectors.organizations WHERE connectors.organizations.slug = organization_of_slug.name_in_url) AS found(id));
REVOKE ALL ON FUNCTION connectors.organization_of_slug(name_in_url text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.organization_of_slug(name_in_url text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.organization_of_slug(name_in_url text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.users_of_slack_team(team text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT connectors.slack_connections.user_id FROM connectors.slack_connections WHERE connectors.slack_connections.team_id = users_of_slack_team.team) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION connectors.users_of_slack_team(team text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.users_of_slack_team(team text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.users_of_slack_team(team text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.users_of_linear_user(linear_user text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT connectors.linear_connections.user_id FROM connectors.linear_connections WHERE connectors.linear_connections.linear_user_id = users_of_linear_user.linear_user) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION connectors.users_of_linear_user(linear_user text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.users_of_linear_user(linear_user text) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.users_of_linear_user(linear_user text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;

CREATE FUNCTION connectors.users_of_github_installation(installation integer)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT connectors.github_installations.user_id FROM connectors.github_installations WHERE connectors.github_installations.installation_id = users_of_github_installation.installation) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION connectors.users_of_github_installation(installation integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION connectors.users_of_github_installation(installation integer) TO tenancy_app;
GRANT CREATE ON SCHEMA connectors TO tenancy_system;
ALTER FUNCTION connectors.users_of_github_installation(installation integer) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA connectors FROM tenancy_system;
