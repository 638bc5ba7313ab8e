from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.prove.transaction import Transaction
from tenancy.security.quoting import identifier

_POWERFUL = text(
    "SELECT rolname FROM pg_catalog.pg_roles "
    "WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication OR rolname IN (:owner, :system) ORDER BY 1"
)


async def attempt(on: Attempt) -> None:
    settings = on.ground.database.settings
    # By a connection of its own: in the proof's transaction another role's login may stand behind this one.
    async with on.ground.database.engine.connect() as connection:
        login = Transaction(connection, on.evidence)
        me = identifier(str(await connection.scalar(text("SELECT session_user"))))
        named = {"owner": settings.owner_role, "system": settings.system_role}
        for name in await connection.scalars(_POWERFUL, named):
            role = identifier(name).replace(":", "\\:")
            await login.expect(text(f"SET LOCAL ROLE {role}"), refused(DENIED))
            await login.expect(text(f"SET LOCAL SESSION AUTHORIZATION {role}"), refused(DENIED))
            await login.expect(text(f"GRANT {role} TO {me}"), refused(DENIED))
        for attribute in ("SUPERUSER", "BYPASSRLS", "CREATEROLE", "REPLICATION"):
            await login.expect(text(f"ALTER ROLE {me} {attribute}"), refused(DENIED))
        await login.expect(text("CREATE ROLE tenancy_proof"), refused(DENIED))


ATTACK = Attack(
    tries="Becomes the owner, the system role and every role that could get round the policies, or raises itself.",
    why="A member can SET ROLE even where it does not inherit (PostgreSQL documentation, SET ROLE), and a role with "
    "CREATEROLE could grant itself others until PostgreSQL 16.",
    applies_to=None,
    attempt=attempt,
)
