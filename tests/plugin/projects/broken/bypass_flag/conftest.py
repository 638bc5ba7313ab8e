"""Mistake: policies consult a setting that switches them off, and any SQL of the application can set it."""

import pytest
from sqlalchemy import text


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        for table, policy, using, check in connection.execute(
            text("SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE schemaname = 'public'")
        ).all():
            conditions = {"USING": using, "WITH CHECK": check}
            widened = " ".join(
                f"{clause} (({condition}) OR current_setting('app.bypass_rls', true) = 'on')"
                for clause, condition in conditions.items()
                if condition is not None
            )
            connection.exec_driver_sql(f"ALTER POLICY {policy} ON {table} {widened}")
        connection.commit()
    return tenancy_database
