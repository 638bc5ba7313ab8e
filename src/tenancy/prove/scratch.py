"""The whole proof on a database of its own: attacks, mutations, and which policies were asked.

The database is made from the models and dropped again, so that nothing else is broken, locked or filled.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from sqlalchemy import MetaData, make_url

from tenancy.prove.laboratory import laboratory
from tenancy.prove.progress import Progress, silent
from tenancy.prove.report import Report
from tenancy.prove.rows import ValueFactories
from tenancy.prove.runner import prove
from tenancy.schema.loading import as_list
from tenancy.security.bootstrap import needed_extensions
from tenancy.security.quoting import identifier, literal
from tenancy.session.administrator import bootstrap, create_database, drop_database
from tenancy.session.database import Database
from tenancy.session.owner import one_connection, push_as_owner
from tenancy.settings import Settings


@asynccontextmanager
async def scratch_database(
    admin_url: str, metadata: MetaData | Sequence[MetaData], settings: Settings
) -> AsyncIterator[Database]:
    """A new database on a server, with the models in it and a login of its own for the application's role.

    Nothing else on the server is changed, save that the three roles are made if they are missing. Owner and system role
    are reached by the administrator.

    Args:
        admin_url: of a superuser, with any database of the server.
        metadata: made by `tenancy.metadata()`.
        settings: the names of the roles.

    Raises:
        DatabaseUnavailable: the server does not answer.
        MissingExtension: the models need an extension that the server has not.
        UnsafeRole: the URL is no superuser's.
    """
    declared = as_list(metadata)
    name = f"tenancy_scratch_{secrets.token_hex(6)}"
    password = secrets.token_urlsafe(24)
    scratch_url = make_url(admin_url).set(database=name)
    own = scratch_url.render_as_string(hide_password=False)
    application = scratch_url.set(username=name, password=password).render_as_string(hide_password=False)
    scratch = settings.model_copy(update={"database_url": application, "owner_url": own, "system_url": own})
    await create_database(admin_url, name, settings)
    try:
        await bootstrap(own, settings, extensions=needed_extensions(declared))
        await _make_login(own, settings, name, password)
        await push_as_owner(own, declared, settings)
        database = Database(scratch)
        try:
            yield database
        finally:
            await database.close()
    finally:
        # Shielded: what is interrupted leaves no database behind either.
        await asyncio.shield(drop_database(admin_url, name, settings, login=name))


async def prove_on_scratch(
    admin_url: str,
    metadata: MetaData | Sequence[MetaData],
    *,
    settings: Settings | None = None,
    tables: Iterable[str] | None = None,
    attacks: Iterable[str] | None = None,
    mutations: Iterable[str] | None = None,
    values: ValueFactories | None = None,
    progress: Progress = silent,
) -> Report:
    """Tries every attack on every table, then breaks every wall of every table and demands that an attack notices.

    Args:
        admin_url: of a superuser, with any database of the server.
        metadata: made by `tenancy.metadata()`.
        settings: the names of the roles.
        tables: only these, as "schema.table".
        attacks: only these, by name; the mutations are tried all the same.
        mutations: only these, by name.
        values: own sample values, see `prove`.
        progress: is told how far it is.

    Raises:
        ProofError: the proof could not be made, see `prove`.
        ConfigurationError: there is no such table, attack or mutation.
    """
    started = time.perf_counter()
    names = None if tables is None else list(tables)
    async with scratch_database(admin_url, metadata, settings or Settings()) as database:
        report = await prove(
            database, metadata, commit=True, tables=names, attacks=attacks, values=values, progress=progress
        )
        async with laboratory(database, metadata, tables=names, values=values) as lab:
            mutants = lab.mutants(mutations)
            outcomes = []
            for mutant in mutants:
                outcomes.append(await lab.try_mutant(mutant))
                progress("mutations", len(outcomes), len(mutants))
            coverage = await lab.count_policies(progress)
    return replace(report, mutations=tuple(outcomes), coverage=coverage, seconds=time.perf_counter() - started)


async def _make_login(url: str, settings: Settings, login: str, password: str) -> None:
    async with one_connection(url, settings) as connection, connection.begin():
        application = identifier(settings.application_role)
        await connection.exec_driver_sql(
            f"CREATE ROLE {identifier(login)} LOGIN PASSWORD {literal(password)} IN ROLE {application}"
        )
