-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.
--
-- Reads that come before the tenant is known. Each takes a secret and returns ids, never a row; it runs as
-- the system role, and only tenancy_app may call it.

CREATE FUNCTION codebuff.user_of_session(token text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff.session."userId" FROM codebuff.session WHERE codebuff.session."sessionToken" = user_of_session.token AND codebuff.session.expires > timezone('UTC', now())) AS found(id));
REVOKE ALL ON FUNCTION codebuff.user_of_session(token text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.user_of_session(token text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.user_of_session(token text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.user_of_account(provider_name text, account text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff.account."userId" FROM codebuff.account WHERE codebuff.account.provider = user_of_account.provider_name AND codebuff.account."providerAccountId" = user_of_account.account) AS found(id));
REVOKE ALL ON FUNCTION codebuff.user_of_account(provider_name text, account text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.user_of_account(provider_name text, account text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.user_of_account(provider_name text, account text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.user_of_email(address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff."user".id FROM codebuff."user" WHERE codebuff."user".email = user_of_email.address) AS found(id));
REVOKE ALL ON FUNCTION codebuff.user_of_email(address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.user_of_email(address text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.user_of_email(address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.user_of_referral_code(code text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff."user".id FROM codebuff."user" WHERE codebuff."user".referral_code = user_of_referral_code.code) AS found(id));
REVOKE ALL ON FUNCTION codebuff.user_of_referral_code(code text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.user_of_referral_code(code text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.user_of_referral_code(code text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.orgs_of_user(member text)
    RETURNS text[] LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN ARRAY(SELECT DISTINCT found.id FROM (SELECT codebuff.org_member.org_id FROM codebuff.org_member WHERE codebuff.org_member.user_id = orgs_of_user.member) AS found(id) WHERE found.id IS NOT NULL ORDER BY found.id);
REVOKE ALL ON FUNCTION codebuff.orgs_of_user(member text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.orgs_of_user(member text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.orgs_of_user(member text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.org_of_invite(invitation text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff.org_invite.org_id FROM codebuff.org_invite WHERE codebuff.org_invite.token = org_of_invite.invitation AND codebuff.org_invite.accepted_at IS NULL AND codebuff.org_invite.expires_at > now()) AS found(id));
REVOKE ALL ON FUNCTION codebuff.org_of_invite(invitation text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.org_of_invite(invitation text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.org_of_invite(invitation text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.org_of_slug(address text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff.org.id FROM codebuff.org WHERE codebuff.org.slug = org_of_slug.address) AS found(id));
REVOKE ALL ON FUNCTION codebuff.org_of_slug(address text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.org_of_slug(address text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.org_of_slug(address text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.user_of_stripe_customer(customer text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff."user".id FROM codebuff."user" WHERE codebuff."user".stripe_customer_id = user_of_stripe_customer.customer) AS found(id));
REVOKE ALL ON FUNCTION codebuff.user_of_stripe_customer(customer text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.user_of_stripe_customer(customer text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.user_of_stripe_customer(customer text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;

CREATE FUNCTION codebuff.org_of_stripe_customer(customer text)
    RETURNS text LANGUAGE sql STABLE PARALLEL RESTRICTED
    SECURITY DEFINER NOT LEAKPROOF
    SET search_path TO 'pg_catalog', 'pg_temp'
    RETURN (SELECT CASE WHEN count(DISTINCT found.id) = 1 THEN (array_agg(found.id) FILTER (WHERE found.id IS NOT NULL))[1] END FROM (SELECT codebuff.org.id FROM codebuff.org WHERE codebuff.org.stripe_customer_id = org_of_stripe_customer.customer) AS found(id));
REVOKE ALL ON FUNCTION codebuff.org_of_stripe_customer(customer text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION codebuff.org_of_stripe_customer(customer text) TO tenancy_app;
GRANT CREATE ON SCHEMA codebuff TO tenancy_system;
ALTER FUNCTION codebuff.org_of_stripe_customer(customer text) OWNER TO tenancy_system;
REVOKE CREATE ON SCHEMA codebuff FROM tenancy_system;
