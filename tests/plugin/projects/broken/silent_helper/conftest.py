"""Mistake: a forgotten tenant is no error. Under FORCE, a destroy_tenant deletes 0 rows and reports success."""

import pytest

SILENT = """
CREATE OR REPLACE FUNCTION tenancy.current_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN NULLIF(current_setting('app.tenant_id', true), '')::uuid
"""


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        connection.exec_driver_sql(SILENT)
        connection.commit()
    return tenancy_database
