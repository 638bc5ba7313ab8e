"""Mistake: only the policies' texts are compared, not FORCE, the grants, or the roles that a policy is for."""

import pytest


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE project NO FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql("GRANT TRUNCATE ON task TO tenancy_app")
        connection.exec_driver_sql("ALTER POLICY note_guard ON note TO tenancy_owner")
        connection.commit()
    return tenancy_database
