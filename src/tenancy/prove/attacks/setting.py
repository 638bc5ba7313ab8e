from sqlalchemy import delete, select, text

from tenancy.prove.attack import Attack
from tenancy.prove.belonging import is_scoped
from tenancy.prove.expectation import NO_ROWS, UNSET, affects, refused
from tenancy.prove.ground import Attempt
from tenancy.prove.sql import escaped, regclass
from tenancy.schema.access import Command
from tenancy.security.functions import TENANT_SETTING, USER_SETTING
from tenancy.security.quoting import literal
from tenancy.security.statements import statement

_READ = text(statement("tenancy.prove", "catalog.sql", "settings that policies read"))
_OURS = {TENANT_SETTING, USER_SETTING}
#: Names that ways past the policies have had elsewhere; and what is tried in those that the policies do read.
_NAMES = {"app.bypass", "app.bypass_rls", "app.is_admin", "app.is_superuser", "app.role"}
_VALUES = ("on", "1", "yes", "admin", "*")
#: The one setting without a dot that anybody may set to anything.
_FREE_TEXT = "application_name"
#: The policy casts the value to a type that does not hold it.
_NO_SUCH_VALUE = "22P02"


async def attempt(on: Attempt) -> None:
    target = on.target
    victim = target.parties.victim
    read = select(*target.key)
    refusal = refused(_NO_SUCH_VALUE)
    async with on.stranger() as stranger:
        ((settings, texts),) = await stranger.rows(_READ, relation=regclass(target.table))
        others = {one for one in settings if "." in one or one == _FREE_TEXT} - _OURS
        values = [*_VALUES, *texts, str(victim.tenant), str(victim.user)] if others else [_VALUES[0]]
        for value in values:
            changes = [f"set_config({literal(name)}, {literal(value)}, true)" for name in sorted(_NAMES | others)]
            await stranger.perform(escaped(f"SELECT {', '.join(changes)}"))
            await stranger.expect(read, NO_ROWS | refusal)
            if target.allows(Command.DELETE):
                await stranger.expect(delete(target.table), affects(0) | refusal)
            await stranger.become()
            await stranger.expect(read, UNSET | refusal)
            await stranger.become(target.parties.stranger)


ATTACK = Attack(
    tries="Turns every setting that the table's policies read, and some that policies elsewhere read, to what might "
    "open them.",
    why="Any role may set any setting with a dot in its name (PostgreSQL documentation, 20.16 Customized Options): a "
    "bypass flag that a policy reads is one for whoever runs SQL.",
    applies_to=is_scoped,
    attempt=attempt,
)
