from sqlalchemy import select

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.transaction import Transaction, expect_of_driver
from tenancy.security.functions import TENANT_SETTING

_SETTING = f"SELECT NULLIF(current_setting('{TENANT_SETTING}', true), '')"


async def attempt(on: Attempt) -> None:
    target = on.target
    attacker = target.parties.attacker
    async with on.committed.database.session(attacker.tenant, user=attacker.user) as session:
        for _ in range(2):
            transaction = Transaction(await session.connection(), on.evidence)
            await transaction.expect(select(*target.key), returns(target.keys(target.own)))
            await session.commit()
        # A third transaction of the session, of which SQLAlchemy sends no BEGIN before its first statement: what goes
        # straight to the driver runs on the same physical connection, and says for nobody whom it is for.
        connection = await session.connection()
        driver = (await connection.get_raw_connection()).driver_connection
        await expect_of_driver(driver, _SETTING, returns([(None,)]), on.evidence)
        everything = f"SELECT * FROM {relation(target.table)}"  # noqa: S608 - quoted names
        await expect_of_driver(driver, everything, UNSET, on.evidence)


ATTACK = Attack(
    tries="Commits, and reads on in the same session and, past it, on the same physical connection.",
    why="The tenant is set for one transaction. A session must set it again for its next one, and the connection must "
    "have forgotten it.",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
