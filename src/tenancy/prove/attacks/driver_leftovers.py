from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import UNSET, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.leftovers import leave_behind
from tenancy.prove.transaction import Transaction, expect_of_driver

_NO_SUCH_CURSOR = "34000"
_NO_SUCH_STATEMENT = "26000"


async def attempt(on: Attempt) -> None:
    attacker = on.target.parties.attacker
    left = await leave_behind(on)
    async with on.committed.narrow.session(attacker.tenant, user=attacker.user) as session:
        connection = await session.connection()
        everything = Transaction(connection, []).sql(on.target.table.select())
        # No BEGIN before SQLAlchemy's first statement: what goes straight to the driver is in no transaction.
        driver = (await connection.get_raw_connection()).driver_connection
        await expect_of_driver(driver, everything, UNSET, on.evidence)
        await expect_of_driver(driver, f"EXECUTE {left}", UNSET | refused(_NO_SUCH_STATEMENT), on.evidence)
        await expect_of_driver(driver, f"FETCH ALL FROM {left}", refused(_NO_SUCH_CURSOR), on.evidence)


ATTACK = Attack(
    tries="Reads past the session, on its driver connection and in no transaction, what the victim's use of the "
    "connection has left: SET app.tenant_id, a cursor WITH HOLD, a prepared statement.",
    why="COPY, LISTEN and drivers' own helpers are used on the raw connection. Where a session's setting outlives the "
    "transaction, there the last tenant is still in force (PostgreSQL documentation, SET).",
    applies_to=is_scoped,
    committed=True,
    attempt=attempt,
)
