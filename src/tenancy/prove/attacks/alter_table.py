from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import quoted, regclass, relation
from tenancy.prove.target import DENIED

_STATEMENTS = (
    "ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} RENAME TO tenancy_proof",
    "CREATE POLICY tenancy_proof ON {table} USING (true)",
    "CREATE RULE tenancy_proof AS ON INSERT TO {table} DO ALSO NOTHING",
    "CREATE INDEX ON {table} ({column})",
    "COMMENT ON TABLE {table} IS 'reached'",
    "DROP TABLE {table}",
)
_ANY_POLICY = text(
    "SELECT polname FROM pg_policy WHERE polrelid = CAST(CAST(:relation AS text) AS regclass) ORDER BY polname LIMIT 1"
)


async def attempt(on: Attempt) -> None:
    target = on.target
    names = {"table": relation(target.table), "column": quoted(target.key[0].name)}
    async with on.attacker() as attacker:
        for statement in _STATEMENTS:
            await attacker.expect(text(statement.format(**names)), refused(DENIED))
        for (policy,) in await attacker.rows(_ANY_POLICY, relation=regclass(target.table)):
            await attacker.expect(text(f"DROP POLICY {quoted(policy)} ON {names['table']}"), refused(DENIED))


ATTACK = Attack(
    tries="Switches row-level security off, and changes policies, rules, owner and name of the table.",
    why="All that holds is the owner's to change (PostgreSQL documentation, 5.9 Row Security Policies). An application "
    "that connects as the owner, as most do that run their own migrations, is one statement away from open tables.",
    applies_to=every,
    attempt=attempt,
)
