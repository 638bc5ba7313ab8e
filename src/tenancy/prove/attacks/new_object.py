from sqlalchemy import text

from tenancy.prove.attack import Attack
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.target import DENIED
from tenancy.prove.transaction import Transaction
from tenancy.security.quoting import identifier

_IN_SCHEMA = (
    "CREATE TABLE {name} (id integer)",
    "CREATE VIEW {name} AS SELECT 1",
    "CREATE FUNCTION {name}(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "CREATE OPERATOR {operator} (FUNCTION = textlike, LEFTARG = text, RIGHTARG = text)",
)
_ANYWHERE = (
    "CREATE TEMPORARY TABLE tenancy_proof (id integer)",
    "CREATE SCHEMA tenancy_proof",
    "CREATE PUBLICATION tenancy_proof",
    "CREATE EVENT TRIGGER tenancy_proof ON ddl_command_end EXECUTE FUNCTION tenancy.tenant_not_set()",
)


async def attempt(on: Attempt) -> None:
    async with on.ground.login() as connection:
        login = Transaction(connection, on.evidence)
        for schema in on.ground.schemas:
            quoted = identifier(schema).replace(":", "\\:")
            for sql in _IN_SCHEMA:
                filled = sql.format(name=f"{quoted}.tenancy_proof", operator=f"{quoted}.~~")
                await login.expect(text(filled), refused(DENIED))
        for sql in _ANYWHERE:
            await login.expect(text(sql), refused(DENIED))


ATTACK = Attack(
    tries="Makes tables, views, functions and operators in every schema, temporary tables, a schema, a publication.",
    why="Whoever may create an object that others' statements find by name runs with their rights (CVE-2018-1058). A "
    "temporary table named like ours captures the writes of later tenants on a pooled connection.",
    applies_to=None,
    attempt=attempt,
)
