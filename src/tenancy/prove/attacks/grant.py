from sqlalchemy import text

from tenancy.prove.attack import Attack, every
from tenancy.prove.expectation import NO_ROWS, TAKEN, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import regclass, relation
from tenancy.prove.target import DENIED

_OF_EVERYBODY = text(
    "SELECT acl.privilege_type FROM pg_catalog.pg_class c, aclexplode(c.relacl) AS acl "
    "WHERE c.oid = CAST(CAST(:relation AS text) AS regclass) AND acl.grantee = 0"
)


async def attempt(on: Attempt) -> None:
    name = relation(on.target.table)
    async with on.attacker() as attacker:
        # Without a grant option this is refused, or, to whom holds any privilege, answered with a warning.
        await attacker.expect(text(f"GRANT ALL ON {name} TO PUBLIC"), TAKEN | refused(DENIED))
        await attacker.expect(_OF_EVERYBODY.bindparams(relation=regclass(on.target.table)), NO_ROWS)


ATTACK = Attack(
    tries="Grants all on the table to everybody, and looks whether anything of it came about.",
    why="A privilege WITH GRANT OPTION can be passed on to roles that nobody assessed (PostgreSQL documentation, 5.8 "
    "Privileges), and one for PUBLIC holds for each role that is ever made.",
    applies_to=every,
    attempt=attempt,
)
