-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as
-- the system role, and only tenancy_app may call it.

CREATE FUNCTION mutate.user_of_session(session_token text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.session.user_id FROM mutate.session WHERE mutate.session.token = user_of_session.session_token AND mutate.session.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION mutate.user_of_session(session_token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.user_of_session(session_token text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.user_of_session(session_token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.user_of_email(address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate."user".id FROM mutate."user" WHERE mutate."user".email = user_of_email.address) AS found(id));
REVOKE ALL ON FUNCTION mutate.user_of_email(address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.user_of_email(address text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.user_of_email(address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.user_of_account(provider text, account text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.account.user_id FROM mutate.account WHERE mutate.account.provider_id = user_of_account.provider AND mutate.account.account_id = user_of_account.account) AS found(id));
REVOKE ALL ON FUNCTION mutate.user_of_account(provider text, account text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.user_of_account(provider text, account text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.user_of_account(provider text, account text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.user_of_passkey(credential text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.passkey.user_id FROM mutate.passkey WHERE mutate.passkey.credential_id = user_of_passkey.credential) AS found(id));
REVOKE ALL ON FUNCTION mutate.user_of_passkey(credential text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.user_of_passkey(credential text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.user_of_passkey(credential text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.organizations_of_user(member text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT mutate.member.organization_id FROM mutate.member WHERE mutate.member.user_id = organizations_of_user.member) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION mutate.organizations_of_user(member text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.organizations_of_user(member text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.organizations_of_user(member text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.active_organization_of_session(session_token text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.member.organization_id FROM mutate.member JOIN mutate.session ON mutate.session.user_id = mutate.member.user_id AND mutate.session.active_organization_id = mutate.member.organization_id WHERE mutate.session.token = active_organization_of_session.session_token AND mutate.session.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION mutate.active_organization_of_session(session_token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.active_organization_of_session(session_token text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.active_organization_of_session(session_token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.organization_of_invitation(invitation text, address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.invitation.organization_id FROM mutate.invitation WHERE mutate.invitation.id = organization_of_invitation.invitation AND mutate.invitation.email = organization_of_invitation.address AND mutate.invitation.status = 'pending' AND mutate.invitation.expires_at > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION mutate.organization_of_invitation(invitation text, address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.organization_of_invitation(invitation text, address text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.organization_of_invitation(invitation text, address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.organization_of_api_key(hash text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.api_key.organization_id FROM mutate.api_key WHERE mutate.api_key.key_hash = organization_of_api_key.hash AND (mutate.api_key.expires_at IS NULL OR mutate.api_key.expires_at > timezone('UTC', now()))) AS found(id));
REVOKE ALL ON FUNCTION mutate.organization_of_api_key(hash text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.organization_of_api_key(hash text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.organization_of_api_key(hash text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;

CREATE FUNCTION mutate.organization_of_stripe_subscription(subscription text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT mutate.organization_subscription.organization_id FROM mutate.organization_subscription WHERE mutate.organization_subscription.stripe_subscription_id = organization_of_stripe_subscription.subscription) AS found(id));
REVOKE ALL ON FUNCTION mutate.organization_of_stripe_subscription(subscription text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mutate.organization_of_stripe_subscription(subscription text) TO tenancy_app;
GRANT CREATE ON SCHEMA mutate TO tenancy_system;
ALTER FUNCTION mutate.organization_of_stripe_subscription(subscription text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA mutate FROM tenancy_system;
