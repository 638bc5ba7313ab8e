-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as
-- the system role, and only tenancy_app may call it.

CREATE FUNCTION trovella.user_of_session(session_token text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT trovella.session.user_id FROM trovella.session WHERE trovella.session.token = user_of_session.session_token AND trovella.session.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION trovella.user_of_session(session_token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trovella.user_of_session(session_token text) TO tenancy_app;
GRANT CREATE ON SCHEMA trovella TO tenancy_system;
ALTER FUNCTION trovella.user_of_session(session_token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA trovella FROM tenancy_system;

CREATE FUNCTION trovella.user_of_personal_access_token(hash text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT trovella.personal_access_token.user_id FROM trovella.personal_access_token WHERE trovella.personal_access_token.token_hash = user_of_personal_access_token.hash AND trovella.personal_access_token.revoked_at IS NULL AND (trovella.personal_access_token.expires_at IS NULL OR trovella.personal_access_token.expires_at > now())) AS found(id));
REVOKE ALL ON FUNCTION trovella.user_of_personal_access_token(hash text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trovella.user_of_personal_access_token(hash text) TO tenancy_app;
GRANT CREATE ON SCHEMA trovella TO tenancy_system;
ALTER FUNCTION trovella.user_of_personal_access_token(hash text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA trovella FROM tenancy_system;

CREATE FUNCTION trovella.organizations_of_user(member text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT trovella.member.organization_id FROM trovella.member WHERE trovella.member.user_id = organizations_of_user.member) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION trovella.organizations_of_user(member text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trovella.organizations_of_user(member text) TO tenancy_app;
GRANT CREATE ON SCHEMA trovella TO tenancy_system;
ALTER FUNCTION trovella.organizations_of_user(member text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA trovella FROM tenancy_system;

CREATE FUNCTION trovella.organization_of_invitation(invitation text, address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT trovella.invitation.organization_id FROM trovella.invitation WHERE trovella.invitation.id = organization_of_invitation.invitation AND trovella.invitation.email = organization_of_invitation.address AND trovella.invitation.status = 'pending' AND trovella.invitation.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION trovella.organization_of_invitation(invitation text, address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION trovella.organization_of_invitation(invitation text, address text) TO tenancy_app;
GRANT CREATE ON SCHEMA trovella TO tenancy_system;
ALTER FUNCTION trovella.organization_of_invitation(invitation text, address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA trovella FROM tenancy_system;
