"""Mistake: isolation is verified as a superuser, whom no policy holds."""

import pytest

from tenancy import Database


@pytest.fixture(scope="session")
def tenancy_connect(tenancy_database):
    superuser = tenancy_database.url("postgres")
    return lambda settings: Database(settings.model_copy(update={"database_url": superuser}))
