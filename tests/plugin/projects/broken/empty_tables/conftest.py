"""Mistake: isolation is verified on a table that is empty, of which nobody sees anything anyway."""

import pytest


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        connection.exec_driver_sql("CREATE RULE discard AS ON INSERT TO task DO INSTEAD NOTHING")
        connection.commit()
    return tenancy_database
