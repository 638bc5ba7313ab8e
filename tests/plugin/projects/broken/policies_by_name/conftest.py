"""Mistake: policies are looked up by name alone, so a second table with a policy of that name passes for protected."""

import pytest


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        for command in ("select", "insert", "update", "delete", "guard"):
            connection.exec_driver_sql(f"ALTER POLICY project_{command} ON project RENAME TO tenant_{command}")
            connection.exec_driver_sql(f"DROP POLICY task_{command} ON task")
        connection.exec_driver_sql("ALTER TABLE task DISABLE ROW LEVEL SECURITY")
        connection.commit()
    return tenancy_database
