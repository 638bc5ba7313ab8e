from sqlalchemy import text

from tenancy.prove.attack import Attack, not_shared
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import refused, returns
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import relation
from tenancy.prove.target import DENIED

_VIEWS = ("pg_stats", "pg_stats_ext", "pg_stats_ext_exprs")
_SHOWN = " UNION ALL ".join(
    f"SELECT count(*) FROM {view} WHERE schemaname = :schema AND tablename = :name"  # noqa: S608 - names above
    for view in _VIEWS
)
_KEPT = ("pg_statistic", "pg_statistic_ext_data")


async def attempt(on: Attempt) -> None:
    target = on.target
    shown = text(_SHOWN).bindparams(schema=target.table.schema or "public", name=target.table.name)
    async with on.owner() as owner:
        await owner.perform(f"ANALYZE {relation(target.table)}")
        if is_scoped(target.declared):
            await owner.expect(shown, returns([(0,)] * len(_VIEWS)))
        await on.become_application(owner)
        await owner.expect(shown, returns([(0,)] * len(_VIEWS)))
        for kept in _KEPT:
            await owner.expect(text(f"SELECT count(*) FROM {kept}"), refused(DENIED))  # noqa: S608 - names above


ATTACK = Attack(
    tries="Has statistics gathered of the table, and looks for them in the catalog.",
    why="Statistics hold the commonest values of all tenants' rows. The views of them leave out tables whose policies "
    "hold the reader (PostgreSQL documentation, 53.27 pg_stats); some did not (CVE-2024-4317).",
    applies_to=not_shared,
    attempt=attempt,
)
