"""Mistake: the tenant is encoded in a name and decoded by text replacement: `x_tenant_y` reads `x_y`."""

import pytest

DECODING = """
CREATE OR REPLACE FUNCTION tenancy.current_tenant_text() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN replace(
    COALESCE(NULLIF(current_setting('app.tenant_id', true), ''), tenancy.tenant_not_set()), 'tenant_', ''
)
"""


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        connection.exec_driver_sql(DECODING)
        connection.commit()
    return tenancy_database
