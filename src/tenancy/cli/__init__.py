"""The command `tenancy`: thin; each command calls what the library offers."""

from __future__ import annotations

import sys

import typer
from sqlalchemy.exc import DBAPIError

from tenancy.cli import bootstrap, demo, dev, policies, prove, vectors
from tenancy.cli.output import COULD_NOT_RUN, INTERRUPTED, fail, say
from tenancy.errors import TenancyError

app = typer.Typer(
    name="tenancy",
    help="Multi-tenant data access on PostgreSQL row-level security.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(bootstrap.bootstrap)
app.command()(demo.demo)
app.command()(policies.policies)
app.command()(prove.prove)
app.command()(vectors.vectors)
app.add_typer(dev.app, name="dev")


def main() -> None:
    """The entry point. Exits with 0 for clean, 1 for findings, 2 where the command could not run."""
    try:
        app()
    except TenancyError as error:
        fail(error)
        sys.exit(COULD_NOT_RUN)
    except DBAPIError as error:
        cause = (error.orig and error.orig.__cause__) or error.orig
        fail(TenancyError(f"PostgreSQL refused: {cause}. Is the database migrated? `alembic upgrade heads`"))
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        say("Interrupted.")
        sys.exit(INTERRUPTED)
