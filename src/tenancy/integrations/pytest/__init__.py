"""The pytest plugin: a server, a database with your schema, two tenants with rows, and the isolation proof.

```python
# test_isolation.py
from myapp.models import Base
from tenancy.integrations.pytest import prove_isolation

test_isolation = prove_isolation(Base.metadata)
```

Every fixture here may be overridden in a `conftest.py`. All of them are synchronous: they work with pytest-asyncio in
either mode, with anyio on asyncio, and without any plugin, whatever the scope of the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import MetaData

from tenancy.errors import ConfigurationError
from tenancy.integrations.pytest import servers
from tenancy.integrations.pytest.coverage import Coverage
from tenancy.integrations.pytest.databases import TestDatabase, databases
from tenancy.integrations.pytest.failures import explained
from tenancy.integrations.pytest.proofs import (
    DEFAULT_NAME,
    PAIR_PROPERTY,
    UNCOLLECTED,
    Proofs,
    prove_isolation,
    uncollected,
)
from tenancy.integrations.pytest.servers import Server
from tenancy.integrations.pytest.sessions import RolledBack
from tenancy.integrations.pytest.tenants import Tenant, Tenants, with_sample_rows
from tenancy.prove import Outcome, Pair
from tenancy.prove.report import WHOLE_DATABASE
from tenancy.prove.rows import ValueFactories
from tenancy.schema.loading import as_list, load_metadata
from tenancy.security.bootstrap import needed_extensions
from tenancy.session.database import Database
from tenancy.settings import Settings

__all__ = ["RolledBack", "Server", "Tenant", "Tenants", "TestDatabase", "prove_isolation"]

_SCHEMA = "tenancy_schema"
_COVERAGE = pytest.StashKey[Coverage]()


# --- hooks ------------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    servers.add_options(parser).addoption(
        "--tenancy-coverage",
        action="store_true",
        help="count which policies the tests make PostgreSQL ask, and list those that nothing asked",
    )
    parser.addini(
        _SCHEMA,
        "where tenancy_database has its schema from: alembic (the project's migrations; the default where Alembic is "
        "configured) or models",
    )


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Names a proof that the module gives no name: one that is written down and not run must not pass for one."""
    if not isinstance(collector, pytest.Module):
        return (yield)
    uncollected.clear()
    report = yield
    if report.passed and uncollected:
        tests = None
        if len(uncollected) == 1 and not hasattr(collector.obj, DEFAULT_NAME):
            (function,) = uncollected
            setattr(collector.obj, DEFAULT_NAME, function)
            tests = collector.ihook.pytest_pycollect_makeitem(collector=collector, name=DEFAULT_NAME, obj=function)
        if tests:
            report.result.extend(tests)
        else:
            report.outcome, report.longrepr = "failed", UNCOLLECTED
    return report


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(obj: object) -> Generator[None, object, object]:
    collected = yield
    if collected is not None:
        uncollected[:] = [one for one in uncollected if one is not obj]
    return collected


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_COVERAGE] = Coverage()


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        session.config.stash[_COVERAGE].hand_over(output)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """With xdist, when a worker has ended."""
    node.config.stash[_COVERAGE].take_over(getattr(node, "workeroutput", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """How many attacks were tried, on how many tables, and which policies were never asked."""
    config.stash[_COVERAGE].summarize(terminalreporter)
    properties = [dict(report.user_properties) for report in terminalreporter.getreports("passed")]
    held = [str(found[PAIR_PROPERTY]) for found in properties if PAIR_PROPERTY in found]
    tables = {pair.partition("[")[2].removesuffix("]") for pair in held} - {WHOLE_DATABASE}
    if held:
        terminalreporter.write_line(f"isolation: {len(held)} pairs of attack and table held, on {len(tables)} tables")


# --- fixtures ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def tenancy_server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """The PostgreSQL server of this run, or of this xdist worker: see `--tenancy-server`, `--tenancy-postgres`."""
    with explained(), servers.chosen_server(pytestconfig) as server:
        yield server


@pytest.fixture(scope="session")
def tenancy_metadata() -> MetaData | Sequence[MetaData]:
    """The models' metadata, one or several: what `[tool.tenancy] metadata` names in pyproject.toml."""
    with explained():
        found = load_metadata(Settings())
        if not found:
            raise ConfigurationError(
                'No models are named. Write metadata = ["myapp.models:Base.metadata"] in [tool.tenancy] of '
                "pyproject.toml, or override the fixture tenancy_metadata."
            )
    return found


@pytest.fixture(scope="session")
def tenancy_database(
    pytestconfig: pytest.Config, tenancy_server: Server, tenancy_metadata: MetaData | Sequence[MetaData]
) -> Iterator[TestDatabase]:
    """A bootstrapped database of this run, or of this xdist worker, with the project's schema in it.

    The schema comes from the project's Alembic migrations where Alembic is configured, else straight from the models;
    the ini option `tenancy_schema` decides otherwise. `.settings` and `.url(role)` say how to reach it.
    """
    metadata = as_list(tenancy_metadata)
    with explained(), databases(tenancy_server, pytestconfig.rootpath) as make:
        database = make("tenancy", extensions=needed_extensions(metadata))
        match pytestconfig.getini(_SCHEMA) or ("alembic" if database.has_migrations else "models"):
            case "alembic":
                database.migrate()
            case "models":
                database.create_all(metadata)
            case other:
                raise pytest.UsageError(f"{_SCHEMA} = {other}: write alembic or models.")
        coverage = pytestconfig.stash[_COVERAGE]
        if pytestconfig.getoption("--tenancy-coverage"):
            coverage.start(database, metadata)
        yield database
        coverage.stop()


@pytest.fixture(scope="session")
def tenancy_connect() -> Callable[[Settings], Database]:
    """How a `Database` is made of settings. Override it where services use a subclass, so that it is what is proven."""
    return Database


@pytest.fixture(scope="session")
def tenancy_values() -> ValueFactories:
    """Own sample values, by "schema.table.column", where constraints ask for what the types do not say: none."""
    return {}


@pytest.fixture(scope="session")
def tenancy_tenants(
    tenancy_database: TestDatabase,
    tenancy_metadata: MetaData | Sequence[MetaData],
    tenancy_values: ValueFactories,
) -> Tenants:
    """Two tenants, `.first` and `.second`, each with an `.id`, a `.user` and sample `.rows` in every table."""
    with explained():
        return with_sample_rows(tenancy_database, as_list(tenancy_metadata), tenancy_values)


@pytest.fixture
def as_tenant(
    tenancy_database: TestDatabase, tenancy_connect: Callable[[Settings], Database]
) -> Callable[[Tenant], RolledBack]:
    """Opens a session of a tenant and its user, and rolls back at the end of the block whatever it did.

    `async with as_tenant(tenancy_tenants.first) as session:` in async tests, `with` in sync ones.
    """
    return lambda tenant: RolledBack(tenancy_connect, tenancy_database.settings, tenant)


@pytest.fixture(scope="session")
def _tenancy_proofs(
    tenancy_database: TestDatabase,
    tenancy_connect: Callable[[Settings], Database],
    tenancy_values: ValueFactories,
) -> Iterator[Proofs]:
    proofs = Proofs(tenancy_connect(tenancy_database.settings), tenancy_database.url("postgres"), tenancy_values)
    yield proofs
    with explained():
        proofs.close()


@pytest.fixture
def _tenancy_attempt(request: pytest.FixtureRequest, _tenancy_proofs: Proofs) -> Callable[[], tuple[Pair, Outcome]]:
    """One attack on one table, prepared: what cannot be prepared is an error of the test, not a failure."""
    subject, pair = request.param
    # Not by `record_property`, which warns where JUnit's newer schema is written.
    request.node.user_properties.append((PAIR_PROPERTY, str(pair)))
    with explained():
        _tenancy_proofs.proof(subject)
    return lambda: (pair, _tenancy_proofs.attempt(subject, pair))
