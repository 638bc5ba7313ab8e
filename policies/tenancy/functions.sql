-- Written by `tenancy policies` from the models; do not edit. Compared in CI by `tenancy policies --check`.

CREATE FUNCTION tenancy.tenant_not_set()
    RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    AS 'BEGIN RAISE EXCEPTION ''no tenant is set'' USING ERRCODE = ''TN001'', HINT = ''Begin the transaction with db.begin(organization_id), or, in psql: BEGIN; SET LOCAL app.tenant_id = ...;''; END';

CREATE FUNCTION tenancy.user_not_set()
    RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    AS 'BEGIN RAISE EXCEPTION ''no user is set'' USING ERRCODE = ''TN002'', HINT = ''Begin the transaction with db.begin(organization_id, user=user_id), or, in psql: BEGIN; SET LOCAL app.user_id = ...;''; END';

CREATE FUNCTION tenancy.require_member(is_member boolean)
    RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    AS 'BEGIN IF is_member IS NOT TRUE THEN RAISE EXCEPTION ''the user is no member of the tenant'' USING ERRCODE = ''TN003''; END IF; RETURN true; END';

CREATE FUNCTION tenancy.current_tenant()
    RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), tenancy.tenant_not_set()))::uuid;

CREATE FUNCTION tenancy.current_tenant_if_set()
    RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.user_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END))::uuid;

CREATE FUNCTION tenancy.current_tenant_text()
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), tenancy.tenant_not_set());

CREATE FUNCTION tenancy.current_tenant_if_set_text()
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.user_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END);

CREATE FUNCTION tenancy.current_tenant_bigint()
    RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), tenancy.tenant_not_set()))::bigint;

CREATE FUNCTION tenancy.current_tenant_if_set_bigint()
    RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.tenant_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.user_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END))::bigint;

CREATE FUNCTION tenancy.current_user_id()
    RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), tenancy.user_not_set()))::uuid;

CREATE FUNCTION tenancy.current_user_id_if_set()
    RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END))::uuid;

CREATE FUNCTION tenancy.current_user_id_text()
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), tenancy.user_not_set());

CREATE FUNCTION tenancy.current_user_id_if_set_text()
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END);

CREATE FUNCTION tenancy.current_user_id_bigint()
    RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), tenancy.user_not_set()))::bigint;

CREATE FUNCTION tenancy.current_user_id_if_set_bigint()
    RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    SECURITY INVOKER NOT LEAKPROOF
    RETURN (COALESCE(NULLIF(current_setting('app.user_id'::text, true), ''::text), CASE WHEN (NULLIF(current_setting('app.tenant_id'::text, true), ''::text) IS NULL) THEN tenancy.tenant_not_set() ELSE NULL::text END))::bigint;
