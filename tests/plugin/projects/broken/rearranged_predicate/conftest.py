"""Mistake: policies have the right names and, without parentheses, the right text: `a AND b OR c`."""

import pytest
from sqlalchemy import text

REARRANGED = "(organization_id = tenancy.current_tenant() AND user_id = tenancy.current_user_id()) OR user_id IS NULL"


@pytest.fixture(scope="session")
def tenancy_database(tenancy_database):
    with tenancy_database.connect() as connection:
        for policy, using, check in connection.execute(
            text("SELECT policyname, qual, with_check FROM pg_policies WHERE tablename = 'note'")
        ).all():
            clauses = (f"USING ({REARRANGED})" if using else "", f"WITH CHECK ({REARRANGED})" if check else "")
            connection.exec_driver_sql(f"ALTER POLICY {policy} ON note {' '.join(clauses)}")
        connection.commit()
    return tenancy_database
