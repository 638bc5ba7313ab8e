"""Every drift from the models is seen, mended by the generated revision, and brought back by its downgrade."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text

from tenancy.security.apply import compare, push
from tenancy.security.roles import Roles

from ..conftest import MakeDatabase, TestDatabase
from ..security.shop import shop
from .revision import autogenerate, run
from .snapshot import differences, snapshot

ROLES = Roles()
SHOP = shop()

_TASK_POLICY = "CREATE POLICY task_select ON shop.task AS {kind} FOR {command} TO {roles} {expressions}"
_HELPER = "CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql {properties}"
_BODY = "RETURN (COALESCE(NULLIF(current_setting('app.tenant_id', true), ''), tenancy.tenant_not_set()))::uuid"


def policy(
    *,
    kind: str = "PERMISSIVE",
    command: str = "SELECT",
    roles: str = "PUBLIC",
    expressions: str = "USING (organization_id = tenancy.current_tenant())",
) -> str:
    """task_select, made anew with one thing changed."""
    created = _TASK_POLICY.format(kind=kind, command=command, roles=roles, expressions=expressions)
    return f"DROP POLICY task_select ON shop.task; {created}"


def guard_of_credit(expression: str) -> str:
    return f"ALTER POLICY credit_guard ON shop.credit USING ({expression}) WITH CHECK ({expression})"


_ORG = "org_id = tenancy.current_tenant_if_set()"
_USER = "user_id = tenancy.current_user_id_if_set()"

#: What `compare` and Alembic must both see.
SECURITY = {
    "a policy is dropped": "DROP POLICY task_select ON shop.task",
    "the guard is dropped": "DROP POLICY task_guard ON shop.task",
    "all policies are dropped": "DROP POLICY task_select ON shop.task; DROP POLICY task_insert ON shop.task; "
    "DROP POLICY task_update ON shop.task; DROP POLICY task_delete ON shop.task; DROP POLICY task_guard ON shop.task",
    "a policy is added by hand": "CREATE POLICY support ON shop.task FOR SELECT TO pg_monitor USING (true)",
    "a policy is added to a shared table": "CREATE POLICY everyone ON shop.country USING (true)",
    "an expression is opened": "ALTER POLICY task_select ON shop.task USING (true)",
    "an expression is widened": "ALTER POLICY task_select ON shop.task "
    "USING (organization_id = tenancy.current_tenant() OR status = 'done')",
    "an expression calls the raw setting": "ALTER POLICY task_select ON shop.task "
    "USING (organization_id = current_setting('app.tenant_id')::uuid)",
    "an expression calls the other id": "ALTER POLICY task_select ON shop.task "
    "USING (organization_id = tenancy.current_user_id())",
    "a or (b and c) becomes (a or b) and c": guard_of_credit(f"({_ORG} OR org_id IS NULL) AND {_USER}"),
    "a or (b and c) becomes a or b": guard_of_credit(f"{_ORG} OR org_id IS NULL"),
    "a parent's condition is dropped": "ALTER POLICY note_select ON shop.note "
    "USING (EXISTS (SELECT 1 FROM shop.step p WHERE p.id = note.step_id))",
    "the roles are others": policy(roles="tenancy_app"),
    "the roles are more": policy(roles="tenancy_app, tenancy_system"),
    "the command is another": policy(command="ALL"),
    "permissive becomes restrictive": policy(kind="RESTRICTIVE"),
    "the guard becomes permissive": "DROP POLICY task_guard ON shop.task; CREATE POLICY task_guard ON shop.task "
    "USING (organization_id = tenancy.current_tenant()) WITH CHECK (organization_id = tenancy.current_tenant())",
    "WITH CHECK is dropped from UPDATE": "DROP POLICY task_update ON shop.task; CREATE POLICY task_update ON shop.task "
    "FOR UPDATE USING (organization_id = tenancy.current_tenant())",
    "WITH CHECK is dropped from the guard": "DROP POLICY task_guard ON shop.task; CREATE POLICY task_guard "
    "ON shop.task AS RESTRICTIVE USING (organization_id = tenancy.current_tenant())",
    "WITH CHECK is opened": "ALTER POLICY task_insert ON shop.task WITH CHECK (true)",
    "ENABLE is off": "ALTER TABLE shop.task DISABLE ROW LEVEL SECURITY",
    "ENABLE is off on a private table": "ALTER TABLE shop.sign_in DISABLE ROW LEVEL SECURITY",
    "ENABLE is on for a shared table": "ALTER TABLE shop.country ENABLE ROW LEVEL SECURITY",
    "FORCE is off": "ALTER TABLE shop.task NO FORCE ROW LEVEL SECURITY",
    "FORCE and ENABLE are off": "ALTER TABLE shop.task NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
    "a grant is missing": "REVOKE UPDATE ON shop.task FROM tenancy_app",
    "the system role's grants are missing": "REVOKE ALL ON shop.task FROM tenancy_system",
    "an append-only table may be changed": "GRANT UPDATE ON shop.event TO tenancy_app",
    "a private table may be read": "GRANT SELECT ON shop.sign_in TO tenancy_app",
    "TRUNCATE is granted": "GRANT TRUNCATE ON shop.task TO tenancy_app",
    "all is granted": "GRANT ALL ON shop.task TO tenancy_app",
    "a column is granted": "GRANT UPDATE (id) ON shop.event TO tenancy_app",
    "columns with odd names are granted": 'GRANT SELECT ("Org ID", "the ""user"" %"), UPDATE ("select") '
    'ON shop."Order" TO pg_monitor',
    "PUBLIC is granted": "GRANT SELECT ON shop.sign_in TO PUBLIC",
    "another role is granted": "GRANT SELECT ON shop.task TO pg_monitor",
    "a grant may be handed on": "GRANT SELECT ON shop.task TO tenancy_app WITH GRANT OPTION",
    "an extra grant may be handed on": "GRANT TRUNCATE ON shop.task TO tenancy_app WITH GRANT OPTION",
    "a sequence's grant is missing": "REVOKE USAGE ON SEQUENCE shop.invoice_id_seq FROM tenancy_app",
    "a sequence is granted more": "GRANT ALL ON SEQUENCE shop.invoice_id_seq TO tenancy_app",
    "a sequence of an identity is granted": "GRANT UPDATE ON SEQUENCE shop.receipt_id_seq TO tenancy_app",
    "a sequence of another name lost its grant": 'ALTER SEQUENCE shop.invoice_id_seq RENAME TO "Numbers of invoices"; '
    'REVOKE USAGE ON SEQUENCE shop."Numbers of invoices" FROM tenancy_app',
    "USAGE on the schema is missing": "REVOKE USAGE ON SCHEMA shop FROM tenancy_app",
    "CREATE on the schema is granted": "GRANT CREATE ON SCHEMA shop TO tenancy_app",
    "CREATE on the schema is granted to PUBLIC": "GRANT CREATE ON SCHEMA shop TO PUBLIC",
    "CREATE on the schema tenancy is granted": "GRANT CREATE ON SCHEMA tenancy TO tenancy_app",
    "USAGE on the schema tenancy is missing": "REVOKE USAGE ON SCHEMA tenancy FROM PUBLIC",
    "the record of system sessions may be changed": "GRANT UPDATE, DELETE ON tenancy.system_access TO tenancy_system",
    "a function is missing": "DROP FUNCTION tenancy.current_user_id_text()",
    "a function that others call is missing": "DROP FUNCTION tenancy.user_not_set() CASCADE",
    "a function that policies call is missing": "DROP FUNCTION tenancy.current_tenant() CASCADE",
    "a function has another body": _HELPER.format(
        properties="STABLE PARALLEL SAFE RETURN '00000000-0000-0000-0000-000000000000'::uuid"
    ),
    "a function has a body that is a string": _HELPER.format(
        properties="STABLE PARALLEL SAFE AS $$ SELECT current_setting('app.tenant_id')::uuid $$"
    ),
    "a function has another body, and what it called is missing": _HELPER.format(
        properties="STABLE PARALLEL SAFE RETURN '00000000-0000-0000-0000-000000000000'::uuid"
    )
    + "; DROP FUNCTION tenancy.tenant_not_set() CASCADE",
    "a function that raises is silent": "CREATE OR REPLACE FUNCTION tenancy.tenant_not_set() RETURNS text "
    "LANGUAGE plpgsql STABLE PARALLEL SAFE AS 'BEGIN RETURN NULL; END'",
    "a function is IMMUTABLE": _HELPER.format(properties=f"IMMUTABLE PARALLEL SAFE {_BODY}"),
    "a function is VOLATILE": _HELPER.format(properties=f"VOLATILE PARALLEL SAFE {_BODY}"),
    "a function is not PARALLEL SAFE": _HELPER.format(properties=f"STABLE PARALLEL UNSAFE {_BODY}"),
    "a function is SECURITY DEFINER": _HELPER.format(properties=f"STABLE PARALLEL SAFE SECURITY DEFINER {_BODY}"),
    "a function has a SET clause": _HELPER.format(
        properties=f"STABLE PARALLEL SAFE SET search_path = '' SET application_name TO 'it''s, a value' {_BODY}"
    ),
    "a function has a search_path": _HELPER.format(
        properties=f'STABLE PARALLEL SAFE SET search_path = pg_catalog, "My schema", pg_temp {_BODY}'
    ),
    "a function of the same name takes arguments": "CREATE FUNCTION tenancy.current_tenant(text) RETURNS uuid "
    "LANGUAGE sql RETURN $1::uuid; DROP FUNCTION tenancy.current_user_id_text()",
}

_KEY = "fk_task_project_id_project"

# The rows of a new key are checked by a query, which under FORCE only a superuser's is not held to.
BYPASS = "RESET ROLE"

#: What Alembic itself compares, and `compare` leaves to it.
STRUCTURE = {
    "a composite key is replaced by a single-column one": f"{BYPASS}; ALTER TABLE shop.project ADD UNIQUE (id); "
    f"ALTER TABLE shop.task DROP CONSTRAINT {_KEY}, ADD CONSTRAINT {_KEY} FOREIGN KEY (project_id) "
    "REFERENCES shop.project (id) ON DELETE SET NULL",
    "a composite key is missing": f"ALTER TABLE shop.task DROP CONSTRAINT {_KEY}",
    "ON DELETE SET NULL empties the tenant, too": f"{BYPASS}; ALTER TABLE shop.task DROP CONSTRAINT {_KEY}, "
    f"ADD CONSTRAINT {_KEY} FOREIGN KEY (project_id, organization_id) REFERENCES shop.project (id, organization_id) "
    "ON DELETE SET NULL",
    "the key's parent has lost UNIQUE (organization_id, id)": "ALTER TABLE shop.project "
    "DROP CONSTRAINT uq_project_organization_id_id CASCADE",
    "the tenant's index is missing": "DROP INDEX shop.ix_task_organization_id",
    "the tenant's column may be empty": "ALTER TABLE shop.task ALTER organization_id DROP NOT NULL",
    "a table is missing": "DROP TABLE shop.note",
    "tables that refer to each other are missing": "DROP TABLE shop.note, shop.step, shop.task, shop.project",
    "an enum and its column are missing": "ALTER TABLE shop.task DROP COLUMN status; DROP TYPE shop.status",
    "a table is there that no model knows": "CREATE TABLE shop.legacy (id serial PRIMARY KEY, organization_id uuid); "
    "CREATE POLICY p ON shop.legacy FOR SELECT TO tenancy_app USING (organization_id = tenancy.current_tenant()); "
    "ALTER TABLE shop.legacy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
    "GRANT SELECT, INSERT ON shop.legacy TO tenancy_app; GRANT UPDATE (id) ON shop.legacy TO tenancy_app; "
    "GRANT USAGE ON SEQUENCE shop.legacy_id_seq TO tenancy_app",
    "tables and a type are there that no model knows": "CREATE TYPE shop.colour AS ENUM ('red', 'a '' b'); "
    "CREATE TABLE shop.z_parent (id uuid PRIMARY KEY); "
    "CREATE TABLE shop.m_child (id uuid PRIMARY KEY REFERENCES shop.z_parent, colour shop.colour); "
    "CREATE TABLE shop.a_grandchild (id uuid PRIMARY KEY REFERENCES shop.m_child); "
    f"{BYPASS}; ALTER TABLE shop.task ADD legacy uuid REFERENCES shop.z_parent",
}


@pytest.fixture(scope="module")
def pushed(make_database: MakeDatabase) -> TestDatabase:
    database = make_database("drift", extensions=())
    with database.connect("owner") as connection:
        connection.execute(text("SET ROLE tenancy_owner"))
        push(connection, [SHOP], ROLES)
        connection.commit()
    return database


@pytest.fixture
def connection(pushed: TestDatabase) -> Iterator[Connection]:
    """A superuser's, for making drifts; nothing is kept."""
    with pushed.connect() as connection:
        yield connection


def become_owner(connection: Connection) -> None:
    """From here on with the privileges of the owner alone."""
    connection.execute(text("SET LOCAL ROLE tenancy_owner"))
    privileged = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
    assert connection.scalar(privileged) is False


def drift(connection: Connection, ddl: str) -> None:
    """By the owner, so that new objects are its own."""
    connection.execute(text("SET LOCAL ROLE tenancy_owner"))
    connection.exec_driver_sql(ddl.replace("%", "%%"))
    connection.execute(text("RESET ROLE"))


def test_what_push_made_is_what_the_models_ask_for(connection: Connection) -> None:
    """Without drift there is nothing to do: neither for `compare` nor for Alembic."""
    become_owner(connection)

    assert compare(connection, [SHOP], ROLES) == []
    assert not autogenerate(connection, SHOP)


@pytest.mark.parametrize("name", [*SECURITY, *STRUCTURE])
def test_a_generated_revision_mends(connection: Connection, name: str) -> None:
    """`compare` and autogenerate see it; the upgrade leaves nothing to do, the downgrade restores what was there."""
    intact = snapshot(connection)
    drift(connection, {**SECURITY, **STRUCTURE}[name])
    drifted = snapshot(connection)
    become_owner(connection)

    assert compare(connection, [SHOP], ROLES) != [] or name in STRUCTURE, "the drift is not seen by compare()"
    revision = autogenerate(connection, SHOP, structure=name in STRUCTURE)
    assert revision, "the drift is not seen by Alembic"
    run(connection, revision.upgrade)
    if name in LEFT_BEHIND:
        assert not autogenerate(connection, SHOP), "the drift is not mended"
    else:
        assert differences(intact, snapshot(connection)) == [], "the drift is not mended"
    run(connection, revision.downgrade)

    assert differences(drifted, snapshot(connection)) == []


#: Drifts whose traces are harmless and that no revision undoes.
LEFT_BEHIND = {
    "a sequence of another name lost its grant",
    "a function of the same name takes arguments",
}


def test_a_leakproof_function_is_mended_by_the_owner(connection: Connection) -> None:
    """Anybody's function that is LEAKPROOF runs before the policy; the owner can only take the mark away."""
    connection.exec_driver_sql("ALTER FUNCTION tenancy.current_tenant() LEAKPROOF")
    become_owner(connection)

    assert compare(connection, [SHOP], ROLES) != []
    revision = autogenerate(connection, SHOP)
    run(connection, revision.upgrade)

    assert not autogenerate(connection, SHOP)
    assert "'leakproof': True" in revision.downgrade


def test_what_a_role_handed_on_is_taken_back(connection: Connection) -> None:
    """A role with GRANT OPTION has shared its privilege: both are revoked."""
    drift(connection, "GRANT TRUNCATE ON shop.task TO tenancy_app WITH GRANT OPTION")
    connection.exec_driver_sql("SET LOCAL ROLE tenancy_app; GRANT TRUNCATE ON shop.task TO pg_monitor; RESET ROLE")
    become_owner(connection)

    run(connection, autogenerate(connection, SHOP).upgrade)

    assert not autogenerate(connection, SHOP)


def test_comparing_leaves_nothing_behind(connection: Connection) -> None:
    """The scratch copies on which PostgreSQL spells a policy are gone afterwards, and so is the search_path."""
    drift(connection, SECURITY["an expression is widened"])
    before = snapshot(connection)
    become_owner(connection)

    compare(connection, [SHOP], ROLES)

    assert snapshot(connection) == before
